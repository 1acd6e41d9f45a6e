#include <fstream>

#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"
#include "sim/carbon.h"

namespace dayu::sim {
namespace {

constexpr std::int64_t hour = carbon_steps_an_hour;

// Does as it is told.
class Told : public sched::TimingPolicy {
   public:
    explicit Told(std::vector<sched::Pause> pauses) : pauses_(std::move(pauses)) {}

    std::vector<sched::Pause> plan(const sched::TimingJob& /*job*/) override { return pauses_; }
    void finished(const sched::TimingJob& job, const Took& took) override {
        ended.push_back({job.id, took.length, took.wait});
    }

    struct Ended {
        std::uint32_t job;
        std::int64_t length;
        std::int64_t wait;
    };
    std::vector<Ended> ended;

   private:
    const std::vector<sched::Pause> pauses_;
};

std::vector<double> two_days() {
    std::vector<double> hourly(48, 1000);
    hourly[1] = 500;
    return hourly;
}

TEST(Deferrable, CarbonIsThatOfTheHoursInWhichItRuns) {
    const sched::IntensitySeries series(two_days(), hour);
    const std::vector<DeferrableJob> jobs{{.arrival = 0, .length = 1.5 * hour, .cpus = 2}};
    Told policy({{0, hour}});
    const auto report = replay_deferrable(jobs, deferrable_kinds(jobs), series, policy);
    ASSERT_TRUE(report.ok());
    EXPECT_DOUBLE_EQ(report->carbon, 2 * (0.5 + 0.5));
    EXPECT_DOUBLE_EQ(report->carbon_now, 2 * (1 + 0.25));
    EXPECT_DOUBLE_EQ(report->wait_mean_h, 1);
}

TEST(Deferrable, APauseBehindTheEndCountsNothing) {
    const sched::IntensitySeries series(two_days(), hour);
    const std::vector<DeferrableJob> jobs{{.arrival = 0, .length = 2 * hour, .cpus = 1}};
    Told policy({{hour / 2, hour}, {2 * hour, 3 * hour}, {30 * hour, 31 * hour}});
    const auto report = replay_deferrable(jobs, deferrable_kinds(jobs), series, policy);
    ASSERT_TRUE(report.ok());
    EXPECT_DOUBLE_EQ(report->carbon, 0.5 + 0.5 + 0.5);
    EXPECT_DOUBLE_EQ(report->wait_mean_h, 1.5);
}

TEST(Deferrable, PoliciesHearOfEndsBeforeLaterArrivals) {
    const sched::IntensitySeries series(two_days(), hour);
    const std::vector<DeferrableJob> jobs{{.arrival = 0, .length = 100, .cpus = 1},
                                          {.arrival = 50, .length = 10, .cpus = 1},
                                          {.arrival = 60, .length = 10, .cpus = 1},
                                          {.arrival = 100, .length = 10, .cpus = 1}};
    Told policy({});
    ASSERT_TRUE(replay_deferrable(jobs, deferrable_kinds(jobs), series, policy).ok());
    ASSERT_EQ(policy.ended.size(), 4U);
    EXPECT_EQ(policy.ended[0].job, 1U);
    EXPECT_EQ(policy.ended[1].job, 2U);
    EXPECT_EQ(policy.ended[2].job, 0U);
    EXPECT_EQ(policy.ended[3].job, 3U);
}

// Pauses for the half of each hour that it is asked about.
class EachHour : public sched::TimingPolicy {
   public:
    std::vector<sched::Pause> plan(const sched::TimingJob& job) override {
        return {{job.arrival, job.arrival + hour / 2}};
    }
    std::int64_t asked_again_after() const override { return hour; }
    std::vector<sched::Pause> plan_again(const sched::TimingJob& /*job*/,
                                         const SoFar& so_far) override {
        asked.push_back(so_far);
        return {{so_far.now, so_far.now + hour / 2}, {so_far.now + hour, so_far.now + 9 * hour}};
    }

    std::vector<SoFar> asked;
};

TEST(Deferrable, PoliciesThatWantToAreAskedAgain) {
    const sched::IntensitySeries series(two_days(), hour);
    const std::vector<DeferrableJob> jobs{{.arrival = 0, .length = 1.25 * hour, .cpus = 1}};
    EachHour policy;
    const auto report = replay_deferrable(jobs, deferrable_kinds(jobs), series, policy);
    ASSERT_TRUE(report.ok());
    ASSERT_EQ(policy.asked.size(), 2U);
    EXPECT_EQ(policy.asked[0].now, hour);
    EXPECT_EQ(policy.asked[0].worked, hour / 2);
    EXPECT_EQ(policy.asked[1].now, 2 * hour);
    EXPECT_EQ(policy.asked[1].worked, hour);
    EXPECT_EQ(policy.asked[1].waited, hour);
    EXPECT_DOUBLE_EQ(report->carbon, 0.5 + 0.25 + 0.25);
    EXPECT_DOUBLE_EQ(report->wait_mean_h, 1.5);
}

TEST(Deferrable, AJobThatMayOutlastTheSeriesIsRefused) {
    const sched::IntensitySeries series(two_days(), hour);
    const std::vector<DeferrableJob> jobs{{.arrival = 20 * hour, .length = 5 * hour, .cpus = 1}};
    Told policy({});
    const auto report = replay_deferrable(jobs, deferrable_kinds(jobs), series, policy);
    ASSERT_FALSE(report.ok());
    EXPECT_EQ(report.error().code, "series_too_short");
}

TEST(Deferrable, MeansAreOfLengthsThatWereNotCut) {
    const std::vector<DeferrableJob> jobs{{.length = 100.9}, {.length = 101.9}, {.length = 1440}};
    const auto kinds = deferrable_kinds(jobs);
    EXPECT_EQ(kinds[0].mean_length, 547);  // 1440 counts in both
    EXPECT_EQ(kinds[1].mean_length, 1440);
}

TEST(Gaia, ReadsJobsAndAZone) {
    const TemporaryFolder folder;
    const std::string jobs_path = folder.path() + "/jobs.csv";
    const std::string zones_path = folder.path() + "/zones.csv";
    std::ofstream(jobs_path) << "arrival_time,length,cpus\n10.0,303.0,2\n";
    std::ofstream(zones_path) << "hour_utc,AT,AU-SA\n2022,1,2\n2022,3,4.5\n";
    const auto jobs = read_deferrable(jobs_path);
    ASSERT_TRUE(jobs.ok());
    EXPECT_DOUBLE_EQ((*jobs)[0].arrival, 2);
    EXPECT_DOUBLE_EQ((*jobs)[0].length, 60.6);
    EXPECT_EQ(read_intensity(zones_path, "AU-SA", 1).value(), std::vector<double>{4.5});
    EXPECT_EQ(read_intensity(zones_path, "AU-SA", 2).error().code, "trace_invalid");
    EXPECT_FALSE(read_intensity(zones_path, "AU-WA", 0).ok());
}

}  // namespace
}  // namespace dayu::sim
