// What a round keeps for jobs that wait is there when their time comes, whatever was placed after them.
#include "sched/round/pool_plan.h"

#include <random>

#include <gtest/gtest.h>

#include "sched/testing/worlds.h"

namespace dayu::sched {
namespace {

using namespace testing;

constexpr Time now = start_of_tests;

struct OnePool {
    explicit OnePool(std::int64_t nodes) {
        world.put_center({1}, center("wuhan", {pool({.nodes = nodes})}), {});
    }
    const PoolView& view() const { return world.centers().at({1}).pools.at("main"); }
    PoolPlan plan() { return {world.centers().at({1}), world.try_out({1}, "main")}; }

    World world;
};

TEST(PoolPlan, ShortJobsUseANodeUntilItsReservationBegins) {
    OnePool one(2);
    one.world.occupy(running(1, 1, 0, now + hour));
    PoolPlan plan = one.plan();
    plan.plan(spec({.nodes = 2}), now);
    EXPECT_TRUE(plan.starts_now(spec({.hours = 1}), now));
    EXPECT_FALSE(plan.starts_now(spec({.hours = 2}), now));
}

TEST(PoolPlan, LongJobsUseWhatIsLeftBesideAReservation) {
    OnePool one(1);
    one.world.occupy(running(1, 1, 0, now + hour, 4));
    PoolPlan plan = one.plan();
    plan.plan(spec({.chips = 6}), now);  // in an hour, with two chips beside it
    EXPECT_TRUE(plan.starts_now(spec({.chips = 2, .hours = 9}), now));
    EXPECT_FALSE(plan.starts_now(spec({.chips = 3, .hours = 9}), now));
    plan.place({7}, *plan.choose_nodes(policy(), spec({.chips = 2, .hours = 9}), now),
               now + seconds(9 * 3600));
    EXPECT_FALSE(plan.starts_now(spec({.chips = 1, .hours = 9}), now));
    EXPECT_TRUE(plan.starts_now(spec({.chips = 1, .hours = 1}), now));
}

TEST(PoolPlan, NodesWithoutAReservationAreFreeForAll) {
    OnePool one(3);
    one.world.occupy(running(1, 1, 0, now + hour, 4));
    one.world.occupy(running(2, 1, 1, now + seconds(7200), 4));
    PoolPlan plan = one.plan();
    plan.plan(spec({.chips = 8, .hours = 4}),
              now);  // on the node that is empty now, or the first that is
    plan.plan(spec({.nodes = 1, .chips = 8}), now);
    EXPECT_TRUE(plan.starts_now(spec({.chips = 4, .hours = 1}), now));
}

TEST(PoolPlan, WhoWaitsBehindOthersIsToldATimeBehindThem) {
    OnePool one(1);
    one.world.occupy(running(1, 1, 0, now + hour));
    PoolPlan plan = one.plan();
    for (std::int64_t before = 0; before < 20; ++before) {
        EXPECT_EQ(plan.earliest_start(spec(), now), now + seconds(3600 * (before + 1)));
        plan.plan(spec(), now);
    }
}

TEST(PoolPlan, WhatItTriedIsTakenBack) {
    OnePool one(4);
    one.world.occupy(running(1, 1, 0, now + hour, 4));
    const World before = one.world;
    {
        PoolPlan plan = one.plan();
        plan.place({2}, *plan.choose_nodes(policy(), spec(), now), now + hour);
        plan.plan(spec({.nodes = 4}), now);
        EXPECT_FALSE(one.world == before);
    }
    EXPECT_TRUE(one.world == before);
}

// --- no reservation is ever delayed

struct Promise {
    JobSpec spec;
    Time start;
};

JobSpec any_spec(std::mt19937& dice, std::int64_t nodes) {
    return spec({.nodes = dice() % 3 == 0 ? 1 + static_cast<std::int64_t>(dice()) % nodes : 1,
                 .chips = 1 + static_cast<std::int64_t>(dice() % 8),
                 .hours = 1 + static_cast<std::int64_t>(dice() % 12)});
}

void plan_and_compare(std::uint32_t seed) {
    SCOPED_TRACE("sched_test --gtest_filter=PoolPlan.* --gtest_random_seed=" +
                 std::to_string(seed));
    std::mt19937 dice(seed);
    const std::int64_t nodes = 1 + static_cast<std::int64_t>(dice() % 12);
    OnePool one(nodes);
    for (std::uint64_t job = 1; job <= 3 * static_cast<std::uint64_t>(nodes); ++job) {
        const auto on = static_cast<std::int64_t>(dice() % static_cast<std::uint32_t>(nodes));
        const auto chips = 1 + static_cast<std::int64_t>(dice() % 4);
        if (one.view().free().at(on).free_chips_milli < chips * 1000) continue;
        one.world.occupy(running(job, 1, on, now + seconds(60 * (1 + dice() % 600)), chips));
    }
    std::vector<Promise> promises;
    std::vector<RunningJob> placed;
    {
        PoolPlan plan = one.plan();
        for (std::uint64_t job = 100; job < 160; ++job) {
            const JobSpec wanted = any_spec(dice, nodes);
            if (!plan.starts_now(wanted, now)) {
                if (promises.empty())
                    promises.push_back({wanted, plan.earliest_start(wanted, now)});
                plan.plan(wanted, now);
                continue;
            }
            const auto shares = plan.choose_nodes(policy(), wanted, now);
            ASSERT_TRUE(shares);
            ASSERT_EQ(std::ssize(*shares), wanted.nodes);
            const Time until = now + wanted.time_limit;
            plan.place({job}, *shares, until);
            placed.push_back(running(job, 1, 0, until));
            placed.back().nodes = *shares;
        }
    }
    for (const RunningJob& job : placed) one.world.occupy(job);
    for (const Promise& promise : promises) {
        std::int64_t room = 0;
        for (std::int64_t node = 0; node < nodes; ++node)
            room += fits(one.view().free_at(node, promise.start, now), promise.spec.resources);
        ASSERT_GE(room, promise.spec.nodes) << "it was to start at " << promise.start.ms - now.ms;
    }
}

TEST(PoolPlan, NothingThatIsPlacedLaterDelaysTheFirstReservation) {
    const auto first =
        static_cast<std::uint32_t>(::testing::UnitTest::GetInstance()->random_seed());
    for (std::uint32_t seed = first; seed < first + 300; ++seed) {
        plan_and_compare(seed);
        if (HasFatalFailure()) return;
    }
}

}  // namespace
}  // namespace dayu::sched
