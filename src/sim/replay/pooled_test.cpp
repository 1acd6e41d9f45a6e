// Queues small enough to be replayed by hand.
#include <fstream>
#include <string_view>

#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"
#include "sim/philly.h"

namespace dayu::sim {
namespace {

PooledReport replay(std::string_view policy, const std::vector<PooledJob>& jobs,
                    const PooledSetting& setting) {
    const auto ordering = sched::make_ordering_policy(
        policy, {.chips = setting.chips, .preempt_cost_s = setting.preempt_cost_s});
    return replay_pooled(jobs, setting, **ordering).value();
}

// A long job of half the pool, one of all of it, and a short one that would fit beside the first.
const std::vector<PooledJob> one_blocks_the_next{
    {.arrival_s = 0, .duration_s = 100, .chips = 2},
    {.arrival_s = 10, .duration_s = 50, .chips = 4},
    {.arrival_s = 20, .duration_s = 10, .chips = 1},
};

TEST(Pooled, FifoLetsNobodyPassOneThatDoesNotFit) {
    const PooledReport report = replay("fifo", one_blocks_the_next, {.chips = 4});
    EXPECT_DOUBLE_EQ(report.jct_mean_s, (100 + 140 + 140) / 3.0);
    EXPECT_EQ(report.wait_p999_s, 130);
    EXPECT_EQ(report.preemptions, 0);
}

TEST(Pooled, SjfStopsNobodyAndTakesTheShortestOfThoseWhoWait) {
    // The third is the shortest when it comes, and fits; the second waits for all four chips.
    const PooledReport report = replay("sjf", one_blocks_the_next, {.chips = 4});
    EXPECT_DOUBLE_EQ(report.jct_mean_s, (100 + 140 + 10) / 3.0);
}

TEST(Pooled, SrtfStopsWhoHasMoreLeft) {
    // At 10 the second has 50 left and the first 90: it stops. At 20 the third stops the second, and blocks it: the
    // first is behind it. Then the second, and then the first again.
    const PooledReport report = replay("srtf", one_blocks_the_next, {.chips = 4});
    EXPECT_DOUBLE_EQ(report.jct_mean_s, (160 + 60 + 10) / 3.0);
    EXPECT_EQ(report.preemptions, 2);
}

TEST(Pooled, TheOracleCountsChipsAndFillsGaps) {
    // 90 * 2 < 50 * 4: the first goes on, and the third fits beside it.
    const PooledReport report = replay("oracle", one_blocks_the_next, {.chips = 4});
    EXPECT_DOUBLE_EQ(report.jct_mean_s, (100 + 140 + 10) / 3.0);
    EXPECT_EQ(report.preemptions, 0);
}

TEST(Pooled, AStopCostsWork) {
    const PooledSetting setting{.chips = 4, .preempt_cost_s = 5};
    const PooledReport report = replay("srtf", one_blocks_the_next, setting);
    EXPECT_DOUBLE_EQ(report.jct_mean_s, (170 + 65 + 10) / 3.0);
}

TEST(Pooled, EndsComeBeforeArrivalsAndArrivalsBeforeStarts) {
    // At 10 one ends and two come, of which the shorter starts though it came second.
    const PooledReport report = replay("sjf",
                                       {{.arrival_s = 0, .duration_s = 10, .chips = 1},
                                        {.arrival_s = 10, .duration_s = 5, .chips = 1},
                                        {.arrival_s = 10, .duration_s = 0, .chips = 1}},
                                       {.chips = 1});
    EXPECT_DOUBLE_EQ(report.jct_mean_s, (10 + 5 + 0) / 3.0);
}

TEST(Pooled, NobodyWaitsBeyondTheBoundAndFifo) {
    // A long job, and enough short ones to keep the only chip for weeks.
    constexpr std::int64_t hour_s = 3600;
    std::vector<PooledJob> jobs{{.arrival_s = 0, .duration_s = 100 * hour_s}};
    for (std::int64_t hour = 1; hour < 500; ++hour)
        jobs.push_back({.arrival_s = hour * hour_s, .duration_s = hour_s, .project = 1});
    const auto wait_s = [&](std::int64_t longest_wait_s) {
        const auto policy =
            sched::make_ordering_policy("siblings", {.longest_wait_s = longest_wait_s});
        return replay_pooled(jobs, {.chips = 1}, **policy).value().wait_p999_s;
    };
    EXPECT_GT(wait_s(10'000 * hour_s), 490 * hour_s);
    EXPECT_LE(wait_s(50 * hour_s),
              150 * hour_s);  // and 100 behind the first, for those that came later
}

TEST(Pooled, AJobThatNeverFitsIsRefused) {
    const auto policy = sched::make_ordering_policy("fifo", {});
    const auto report = replay_pooled({{.duration_s = 1, .chips = 9}}, {.chips = 8}, **policy);
    ASSERT_FALSE(report.ok());
    EXPECT_EQ(report.error().code, "job_never_fits");
}

TEST(Pooled, WithNodesAJobMovesToMakeRoomForALargerOne) {
    // When the last comes, one chip of the first node and three of the second are in use.
    const std::vector<PooledJob> jobs{{.arrival_s = 0, .duration_s = 30, .chips = 3},
                                      {.arrival_s = 0, .duration_s = 100, .chips = 3},
                                      {.arrival_s = 0, .duration_s = 100, .chips = 1},
                                      {.arrival_s = 30, .duration_s = 10, .chips = 4}};
    const PooledSetting setting{.chips = 8, .chips_a_node = 4, .preempt_cost_s = 7};
    const PooledReport report = replay("fifo", jobs, setting);
    EXPECT_EQ(report.moves, 1);
    EXPECT_DOUBLE_EQ(report.jct_mean_s, (30 + 100 + 107 + 10) / 4.0);
}

TEST(Philly, ReadsJobsInOrderOfArrival) {
    const TemporaryFolder folder;
    const std::string path = folder.path() + "/philly.csv";
    std::ofstream(path) << "timestamp,duration,num_gpus,gpu_time,cluster\n"
                           "2017-10-09 00:01:00,66.9,1,66.0,a\n"
                           "2017-10-09 00:00:00,70.0,8,560.0,b\n"
                           "2017-10-09 00:00:00,60.0,1,60.0,a\n";
    const auto jobs = read_philly(path);
    ASSERT_TRUE(jobs.ok());
    ASSERT_EQ(jobs->size(), 3U);
    EXPECT_EQ((*jobs)[0].duration_s, 60);
    EXPECT_EQ((*jobs)[1].chips, 8);
    EXPECT_EQ((*jobs)[2].arrival_s, 60);
    EXPECT_EQ((*jobs)[2].duration_s, 66);
    EXPECT_EQ((*jobs)[2].project, (*jobs)[0].project);
}

TEST(Philly, SaysWhichLineItCannotRead) {
    const TemporaryFolder folder;
    const std::string path = folder.path() + "/philly.csv";
    std::ofstream(path) << "timestamp,duration,num_gpus,cluster\nyesterday,1,1,a\n";
    EXPECT_EQ(read_philly(path).error().message,
              path + ":2: timestamp is \"yesterday\"; expected a time such as 2017-10-09 07:01:55");
}

}  // namespace
}  // namespace dayu::sim
