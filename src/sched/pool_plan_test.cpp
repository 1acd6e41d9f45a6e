// What a round keeps for jobs that wait is there when their time comes, whatever was placed after them.
#include "sched/round/pool_plan.h"

#include <random>

#include <gtest/gtest.h>

#include "sched/testing/worlds.h"

namespace dayu::sched {
namespace {

using namespace testing;

constexpr Time now = start_of_tests;

// Its data is there.
Stay at_once(const JobSpec& spec) { return {.spec = spec, .length = spec.time_limit}; }

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
    plan.plan(at_once(spec({.nodes = 2})), now);
    EXPECT_TRUE(plan.starts_now(at_once(spec({.hours = 1})), now));
    EXPECT_FALSE(plan.starts_now(at_once(spec({.hours = 2})), now));
}

TEST(PoolPlan, LongJobsUseWhatIsLeftBesideAReservation) {
    OnePool one(1);
    one.world.occupy(running(1, 1, 0, now + hour, 4));
    PoolPlan plan = one.plan();
    plan.plan(at_once(spec({.chips = 6})), now);  // in an hour, with two chips beside it
    EXPECT_TRUE(plan.starts_now(at_once(spec({.chips = 2, .hours = 9})), now));
    EXPECT_FALSE(plan.starts_now(at_once(spec({.chips = 3, .hours = 9})), now));
    plan.place({7}, *plan.choose_nodes(policy(), at_once(spec({.chips = 2, .hours = 9})), now),
               now + seconds(9 * 3600));
    EXPECT_FALSE(plan.starts_now(at_once(spec({.chips = 1, .hours = 9})), now));
    EXPECT_TRUE(plan.starts_now(at_once(spec({.chips = 1, .hours = 1})), now));
}

TEST(PoolPlan, NodesWithoutAReservationAreFreeForAll) {
    OnePool one(3);
    one.world.occupy(running(1, 1, 0, now + hour, 4));
    one.world.occupy(running(2, 1, 1, now + seconds(7200), 4));
    PoolPlan plan = one.plan();
    plan.plan(at_once(spec({.chips = 8, .hours = 4})),
              now);  // on the node that is empty now, or the first that is
    plan.plan(at_once(spec({.nodes = 1, .chips = 8})), now);
    EXPECT_TRUE(plan.starts_now(at_once(spec({.chips = 4, .hours = 1})), now));
}

TEST(PoolPlan, WhoWaitsBehindOthersIsToldATimeBehindThem) {
    OnePool one(1);
    one.world.occupy(running(1, 1, 0, now + hour));
    PoolPlan plan = one.plan();
    for (std::int64_t before = 0; before < 20; ++before) {
        EXPECT_EQ(plan.earliest_start(at_once(spec()), now), now + seconds(3600 * (before + 1)));
        plan.plan(at_once(spec()), now);
    }
}

TEST(PoolPlan, WhatItTriedIsTakenBack) {
    OnePool one(4);
    one.world.occupy(running(1, 1, 0, now + hour, 4));
    const World before = one.world;
    {
        PoolPlan plan = one.plan();
        plan.place({2}, *plan.choose_nodes(policy(), at_once(spec()), now), now + hour);
        plan.plan(at_once(spec({.nodes = 4})), now);
        EXPECT_FALSE(one.world == before);
    }
    EXPECT_TRUE(one.world == before);
}

TEST(PoolPlan, WhoseDataMustBeBroughtFirstKeepsItsNodesForLonger) {
    OnePool one(2);
    one.world.occupy(running(1, 1, 0, now + hour));
    PoolPlan plan = one.plan();
    plan.plan(at_once(spec({.nodes = 2})), now);
    const JobSpec short_job = spec();
    EXPECT_TRUE(plan.starts_now({.spec = short_job, .length = hour}, now));
    const Stay with_data{.spec = short_job, .length = hour + seconds(60)};
    EXPECT_FALSE(plan.starts_now(with_data, now));
    EXPECT_FALSE(plan.choose_nodes(policy(), with_data, now));
    EXPECT_EQ(plan.earliest_start(with_data, now), now + hour + hour);
}

TEST(PoolPlan, WhoWaitsBehindAJobWaitsForItsDataToo) {
    OnePool one(1);
    one.world.occupy(running(1, 1, 0, now + hour));
    PoolPlan plan = one.plan();
    const JobSpec first = spec();
    plan.plan({.spec = first, .length = hour + seconds(600)}, now);
    EXPECT_EQ(plan.earliest_start(at_once(spec()), now), now + hour + hour + seconds(600));
}

// A claim for which there is room already waits for a limit: it takes of what is beside the reservation as a
// placement does.
TEST(PoolPlan, AClaimTakesOfWhatIsLeftBesideAReservation) {
    OnePool one(1);
    one.world.occupy(running(1, 1, 0, now + hour, 4));
    PoolPlan plan = one.plan();
    plan.plan(at_once(spec({.chips = 6})), now);
    const JobSpec beside = spec({.chips = 2, .hours = 9});
    plan.claim({7}, *plan.choose_nodes(policy(), at_once(beside), now), now + seconds(9 * 3600));
    EXPECT_FALSE(plan.starts_now(at_once(spec({.chips = 1, .hours = 9})), now));
    EXPECT_TRUE(plan.starts_now(at_once(spec({.chips = 1, .hours = 1})), now));
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
            const Stay stay{
                .spec = wanted,
                .length = wanted.time_limit + seconds(60 * (dice() % 3) * (dice() % 200))};
            if (!plan.starts_now(stay, now)) {
                if (promises.empty()) promises.push_back({wanted, plan.earliest_start(stay, now)});
                plan.plan(stay, now);
                continue;
            }
            const auto shares = plan.choose_nodes(policy(), stay, now);
            ASSERT_TRUE(shares);
            ASSERT_EQ(std::ssize(*shares), wanted.nodes);
            const Time until = now + stay.length;
            job % 4 == 0 ? plan.claim({job}, *shares, until) : plan.place({job}, *shares, until);
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
