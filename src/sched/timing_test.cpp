// Timings on days whose best hours can be seen at a glance.
#include "sched/timing.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace dayu::sched {
namespace {

constexpr std::int64_t hour = 12;  // steps

// Two days and more: dirty, but for hours 3 and 5, and those of the next day.
IntensitySeries series() {
    std::vector<double> hourly(200, 100);
    for (std::size_t day = 0; day < 8; ++day) {
        hourly[day * 24 + 3] = 60;
        hourly[day * 24 + 5] = 20;
    }
    return {std::move(hourly), hour};
}

const std::vector<TimingKind> kinds{
    {.longest_wait = 6 * hour, .mean_length = hour, .shortest = 0, .below = 2 * hour},
    {.longest_wait = 24 * hour, .mean_length = 4 * hour, .shortest = 2 * hour, .below = 0}};

std::vector<Pause> plan(std::string_view name, const TimingJob& job, bool may_pause = false) {
    const IntensitySeries power = series();
    const auto policy =
        make_timing_policy(name, {.series = &power, .kinds = kinds, .may_pause = may_pause});
    return (*policy)->plan(job);
}

TEST(IntensitySeries, SumsWholeHoursAndParts) {
    const IntensitySeries power({10, 20}, 4);
    EXPECT_DOUBLE_EQ(power.sum(0, 8), 120);
    EXPECT_DOUBLE_EQ(power.sum(3, 5), 30);
    EXPECT_DOUBLE_EQ(power.sum(6, 10), 80);  // behind its end it is as in its last hour
}

TEST(Timing, ThereIsOneForEveryName) {
    const IntensitySeries power = series();
    for (const std::string_view name : timing_policy_names())
        EXPECT_TRUE(make_timing_policy(name, {.series = &power, .kinds = kinds}).ok()) << name;
    EXPECT_EQ(make_timing_policy("sun", {}).error().code, "policy_unknown");
}

TEST(Timing, WhoNeverPausesSaysSo) {
    const auto policy = make_timing_policy("carbon-time", {.kinds = kinds, .may_pause = true});
    ASSERT_FALSE(policy.ok());
    EXPECT_EQ(policy.error().code, "policy_cannot_pause");
}

TEST(Timing, NowNeverWaits) { EXPECT_TRUE(plan("now", {.arrival = 7}).empty()); }

TEST(Timing, LowestSlotTakesTheFirstStepOfTheCleanestHour) {
    EXPECT_EQ(plan("lowest-slot", {.arrival = 6}), (std::vector<Pause>{{6, 5 * hour}}));
    // At 6 h of waiting at most it does not see the fifth hour from before it by seven.
    EXPECT_TRUE(plan("lowest-slot", {.arrival = 5 * hour + 1}).empty());
}

TEST(Timing, LowestWindowCountsHoursFromTheArrival) {
    EXPECT_EQ(plan("lowest-window", {.arrival = 3}), (std::vector<Pause>{{3, 3 + 5 * hour}}));
}

TEST(Timing, CarbonTimeWaitsForTheMostSavedATimeStep) {
    // 40 saved after 3 h of waiting and one of work are 10 an hour; 80 after 5 and 1 are 13.3.
    EXPECT_EQ(plan("carbon-time", {.arrival = 0}), (std::vector<Pause>{{0, 5 * hour}}));
}

TEST(Timing, EcovisorPausesInDirtyHoursUntilItsWaitIsUsedUp) {
    // Nine tenths of the day are at 100, which is not below itself.
    EXPECT_EQ(plan("ecovisor", {.arrival = 2 * hour}), (std::vector<Pause>{{2 * hour, 3 * hour},
                                                                           {4 * hour, 5 * hour},
                                                                           {6 * hour, 7 * hour},
                                                                           {7 * hour, 8 * hour},
                                                                           {8 * hour, 9 * hour},
                                                                           {9 * hour, 10 * hour}}));
}

TEST(Survival, NeverWaitsLongerInAllThanCarbonTime) {
    const IntensitySeries power = series();
    const auto ours = make_timing_policy("survival", {.series = &power, .kinds = kinds}).value();
    const auto theirs =
        make_timing_policy("carbon-time", {.series = &power, .kinds = kinds}).value();
    const auto wait = [](const std::vector<Pause>& pauses) {
        return pauses.empty() ? 0 : pauses[0].to - pauses[0].from;
    };
    std::int64_t our_wait = 0, their_wait = 0;
    for (std::uint32_t id = 0; id < 200; ++id) {
        const TimingJob job{.id = id, .arrival = id * 7, .kind = id % 3 == 0 ? 1U : 0U};
        const std::int64_t waits = wait(ours->plan(job));
        our_wait += waits;
        their_wait += wait(theirs->plan(job));
        ASSERT_LE(our_wait, their_wait) << "job " << id;
        ours->finished(job, {.length = 5 + id % 11, .wait = waits});
    }
    EXPECT_GT(our_wait, 0);
}

TEST(Survival, WaitsForLittleTooWhereHoursHardlyDiffer) {
    std::vector<double> hourly(200, 100);
    for (std::size_t at = 3; at < hourly.size(); at += 24) hourly[at] = 99.99;
    const IntensitySeries power(std::move(hourly), hour);
    const auto policy = make_timing_policy("survival", {.series = &power, .kinds = kinds}).value();
    EXPECT_EQ(policy->plan({.arrival = 0}), (std::vector<Pause>{{0, 3 * hour}}));
}

// It is asked again each hour of each job, and what it makes each wait is counted.
TEST(Survival, NeverPausesLongerInAllThanCarbonTimeWaits) {
    const IntensitySeries power = series();
    const auto ours =
        make_timing_policy("survival", {.series = &power, .kinds = kinds, .may_pause = true})
            .value();
    const auto theirs =
        make_timing_policy("carbon-time", {.series = &power, .kinds = kinds}).value();
    struct Running {
        TimingJob job;
        TimingPolicy::SoFar so_far;
        std::vector<Pause> pauses;
    };
    std::vector<Running> running;
    std::int64_t allowed = 0, waited = 0;
    for (std::int64_t now = 0; now < 100 * hour; ++now) {
        for (Running& each : running) {
            if (now % hour == each.job.arrival % hour) {
                each.so_far.now = now;
                each.pauses = ours->plan_again(each.job, each.so_far);
            }
        }
        if (now % 7 == 0) {
            const TimingJob job{.id = static_cast<std::uint32_t>(now),
                                .arrival = now,
                                .kind = now % 3 == 0 ? 1U : 0U};
            for (const Pause& pause : theirs->plan(job)) allowed += pause.to - pause.from;
            running.push_back({job, {.now = now}, ours->plan(job)});
        }
        for (Running& each : running) {
            const bool waits = std::ranges::any_of(each.pauses, [&](const Pause& pause) {
                return pause.from <= now && now < pause.to;
            });
            waited += waits;
            ++(waits ? each.so_far.waited : each.so_far.worked);
        }
        ASSERT_LE(waited, allowed) << "step " << now;
        std::erase_if(running, [&](const Running& each) {
            const std::int64_t length = each.job.kind == 0 ? hour : 5 * hour;
            if (each.so_far.worked < length) return false;
            ours->finished(each.job, {.length = length, .wait = each.so_far.waited});
            return true;
        });
    }
    EXPECT_GT(waited, 0);
}

// What jobs waited more than they were allowed is owed, and nobody waits until it is paid.
TEST(Survival, PausesNoMoreWhileMoreWasWaitedThanAllowed) {
    const IntensitySeries power = series();
    const auto policy =
        make_timing_policy("survival", {.series = &power, .kinds = kinds, .may_pause = true})
            .value();
    const TimingJob first{.id = 0, .arrival = 0, .kind = 1};
    policy->plan(first);
    policy->finished(first, {.length = 8 * hour, .wait = 24 * hour});
    EXPECT_TRUE(policy->plan({.id = 1, .arrival = 40 * hour, .kind = 1}).empty());
}

TEST(Survival, WaitsForNothingWhereAllHoursAreEqual) {
    const IntensitySeries flat(std::vector<double>(200, 50), hour);
    for (const bool may_pause : {false, true}) {
        const auto policy =
            make_timing_policy("survival",
                               {.series = &flat, .kinds = kinds, .may_pause = may_pause})
                .value();
        EXPECT_TRUE(policy->plan({.arrival = 5, .kind = 1}).empty());
    }
}

}  // namespace
}  // namespace dayu::sched
