#include "sched/ordering.h"

#include <algorithm>

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
