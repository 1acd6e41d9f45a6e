#include "sched/ordering.h"

#include <algorithm>
#include <array>

#include <gtest/gtest.h>

namespace dayu::sched {
namespace {

std::unique_ptr<OrderingPolicy> make(std::string_view name) {
    return make_ordering_policy(name, {.chips = 8}).value();
}

TEST(Ordering, ThereIsOneForEveryName) {
    for (const std::string_view name : ordering_policy_names())
        EXPECT_TRUE(make_ordering_policy(name, {}).ok()) << name;
    const auto unknown = make_ordering_policy("stf", {});
    ASSERT_FALSE(unknown.ok());
    EXPECT_EQ(unknown.error().code, "policy_unknown");
}

TEST(Ordering, OurOwnComesFirstAndKnowsNoRunTimes) {
    EXPECT_FALSE(make(ordering_policy_names().front())->is_oracle());
}

TEST(Ordering, WhoStopsNobodyKeepsThoseWhoRunInFront) {
    for (const std::string_view name : {"fifo", "sjf"}) {
        const auto policy = make(name);
        const OrderingJob running{.arrival_s = 9, .is_running = true, .remaining_s = 900};
        const OrderingJob waiting{.arrival_s = 0, .remaining_s = 1};
        EXPECT_LT(policy->standing(running, 10).key, policy->standing(waiting, 10).key) << name;
    }
}

// Two of a project and size, of which the first has had a day and the second half a day.
constexpr std::int64_t day_s = 86'400;
constexpr std::array<OrderingJob, 2> pair_of_siblings{
    {{.place = 0, .ran_s = day_s}, {.place = 1, .arrival_s = 60, .ran_s = day_s / 2}}};

std::unique_ptr<OrderingPolicy> policy_that_saw(std::span<const OrderingJob> jobs) {
    auto policy = make("siblings");
    for (const OrderingJob& job : jobs) policy->arrived(job);
    for (const OrderingJob& job : jobs) policy->standing(job, 2 * day_s);
    return policy;
}

TEST(Siblings, WhoHasHadMuchFallsBehind) {
    const auto policy = policy_that_saw(std::array<OrderingJob, 1>{});
    double before = -1;
    for (const std::int64_t ran_s : {30L, 3600L, 4L * 3600, day_s, 10 * day_s}) {
        const double key = policy->standing({.ran_s = ran_s}, 10 * day_s).key;
        EXPECT_GT(key, before) << ran_s;
        before = key;
    }
}

TEST(Siblings, GoOneAfterTheOther) {
    const auto policy = policy_that_saw(pair_of_siblings);
    const auto key = [&](const OrderingJob& job) { return policy->standing(job, 2 * day_s).key; };
    EXPECT_LT(key(pair_of_siblings[0]), key(pair_of_siblings[1]));

    OrderingJob of_another_project = pair_of_siblings[1];
    of_another_project.place = 2;
    of_another_project.project = 1;
    policy->arrived(of_another_project);
    EXPECT_LT(key(of_another_project), key(pair_of_siblings[0]));
}

TEST(Siblings, TellHowLongTheyTookWhenTheyEnd) {
    const auto policy = policy_that_saw(pair_of_siblings);
    const auto& [first, second] = pair_of_siblings;
    const double before = policy->standing(second, 2 * day_s).key;
    EXPECT_EQ(policy->finished(first, 2 * day_s), std::vector<std::uint32_t>{1});
    EXPECT_LT(policy->standing(second, 2 * day_s).key, before);  // half a day more, probably
}

TEST(Siblings, ThoseThatEndYoungTellNothing) {
    const auto policy = policy_that_saw(pair_of_siblings);
    OrderingJob third{.place = 2, .arrival_s = 90};
    policy->arrived(third);
    third.ran_s = 60;
    EXPECT_TRUE(policy->finished(third, 2 * day_s).empty());
}

TEST(Siblings, WhoHasWaitedForTooLongGoesFirst) {
    const auto policy = make_ordering_policy("siblings", {.longest_wait_s = 10 * day_s}).value();
    const OrderingJob first{.place = 0, .chips = 8, .ran_s = 5 * day_s};
    const OrderingJob second{.place = 1, .arrival_s = 1, .ran_s = 5 * day_s};
    const OrderingJob fresh{.place = 2, .arrival_s = 15 * day_s};
    for (const OrderingJob& job : {first, second, fresh}) policy->arrived(job);
    const LineStanding waiting = policy->standing(first, 14 * day_s);
    EXPECT_EQ(waiting.until_s, 15 * day_s);
    EXPECT_GT(waiting.key, policy->standing(fresh, 14 * day_s).key);
    const auto key = [&](const OrderingJob& job) {
        return policy->standing(job, 15 * day_s + 1).key;
    };
    EXPECT_LT(key(first), key(second));
    EXPECT_LT(key(second), key(fresh));
}

TEST(Attained, WhoHasHadMuchFallsBehind) {
    const auto policy = make("attained");
    const LineStanding young = policy->standing({.ran_s = 59, .is_running = true}, 1000);
    const LineStanding old = policy->standing({.ran_s = 3600, .is_running = true}, 1000);
    EXPECT_LT(young.key, old.key);
    EXPECT_EQ(young.until_s, 1001);  // the first level ends at a minute
}

TEST(Attained, AGangReachesALevelSooner) {
    const auto policy = make("attained");
    const LineStanding alone = policy->standing({.chips = 1, .is_running = true}, 0);
    const LineStanding gang = policy->standing({.chips = 8, .is_running = true}, 0);
    EXPECT_EQ(alone.until_s, 60);
    EXPECT_LT(gang.until_s, 60 / 8 + 1);
}

}  // namespace
}  // namespace dayu::sched
