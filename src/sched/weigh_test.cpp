// The candidate table: what it holds, in which order, and when each offer could start.
#include <gtest/gtest.h>

#include "sched/decide.h"
#include "sched/testing/worlds.h"

namespace dayu::sched {
namespace {

using namespace testing;

constexpr Time now = start_of_tests;

World three_centers() {
    World world;
    world.put_chip(chip("A100"));
    world.put_chip(chip("Ascend910B"));
    world.put_center({1}, center("wuhan", {pool({.yuan_per_chip_hour = 12})}), {});
    world.put_center({2}, center("guiyang", {pool({.yuan_per_chip_hour = 11})}), {});
    world.put_center({3}, center("zhongwei", {pool({.chip = "Ascend910B"})}), {});
    return world;
}

TEST(Weigh, OffersComeFirstByObjectiveAndTheRefusedAfter) {
    const CandidateTable table = weigh(three_centers(), policy(), spec(), now);
    ASSERT_EQ(table.candidates.size(), 3U);
    EXPECT_EQ(table.policy, "least-cost");
    EXPECT_EQ(table.at, now);
    const Candidate& best = table.candidates[0];
    EXPECT_EQ(best.center_name, "guiyang");
    EXPECT_EQ(best.engine, "process");
    EXPECT_EQ(best.chips_milli, 8000);
    EXPECT_EQ(best.start, now);
    EXPECT_EQ(best.end, now + hour);
    EXPECT_EQ(best.price, yuan_of(88));
    EXPECT_EQ(best.energy_mwh, 3'200'000);
    EXPECT_EQ(table.candidates[1].center_name, "wuhan");
    ASSERT_TRUE(table.candidates[2].refusal);
    EXPECT_EQ(table.candidates[2].refusal->code, "ChipNotHere");
}

TEST(Weigh, TiesGoToTheLowerCentreAndThenThePoolsName) {
    World world;
    world.put_chip(chip("A100"));
    world.put_center({2}, center("a", {pool()}), {});
    world.put_center({1}, center("b", {pool({.name = "y"}), pool({.name = "x"})}), {});
    const CandidateTable table = weigh(world, policy(), spec(), now);
    EXPECT_EQ(table.candidates[0].pool, "x");
    EXPECT_EQ(table.candidates[1].pool, "y");
    EXPECT_EQ(table.candidates[2].center_name, "a");
}

TEST(Weigh, WaitingCountsByTheJobsOwnWeights) {
    World world = three_centers();
    world.occupy(running(9, 2, 0, now + hour));
    // Guiyang is 8 yuan cheaper and free in an hour: 8 chip-hours of waiting.
    JobSpec patient = spec();
    patient.placement.weights.wait_per_chip_hour = {500'000};
    const CandidateTable waits = weigh(world, policy(), patient, now);
    EXPECT_EQ(waits.candidates[0].center_name, "guiyang");
    EXPECT_EQ(waits.candidates[0].start, now + hour);
    EXPECT_EQ(waits.candidates[0].objective, yuan_of(92));

    JobSpec hasty = spec();
    hasty.placement.weights.wait_per_chip_hour = yuan_of(2);
    EXPECT_EQ(weigh(world, policy(), hasty, now).candidates[0].center_name, "wuhan");
}

TEST(Weigh, AGangStartsWhenItsLastNodeIsFree) {
    World world;
    world.put_chip(chip("A100"));
    world.put_center({1}, center("wuhan", {pool({.nodes = 4})}), {});
    for (std::int64_t node = 0; node < 3; ++node) {
        world.occupy(running(10 + node, 1, node, now + seconds(3600 * (3 - node))));
    }
    const auto start_of = [&](std::int64_t nodes) {
        return weigh(world, policy(), spec({.nodes = nodes}), now).candidates[0].start;
    };
    EXPECT_EQ(start_of(1), now);
    EXPECT_EQ(start_of(2), now + hour);
    EXPECT_EQ(start_of(3), now + hour + hour);
    EXPECT_EQ(start_of(4), now + hour + hour + hour);
}

TEST(Weigh, ANodeSharedByTwoIsWholeWhenBothHaveEnded) {
    World world;
    world.put_chip(chip("A100"));
    world.put_center({1}, center("wuhan"), {});
    world.occupy(running(10, 1, 0, now + hour, 4));
    world.occupy(running(11, 1, 0, now + hour + hour, 4));
    EXPECT_EQ(weigh(world, policy(), spec({.chips = 4}), now).candidates[0].start, now + hour);
    EXPECT_EQ(weigh(world, policy(), spec(), now).candidates[0].start, now + hour + hour);
}

TEST(Weigh, WhatOverstaysIsExpectedSoonButNeverNow) {
    World world;
    world.put_chip(chip("A100"));
    world.put_center({1}, center("wuhan"), {});
    world.occupy(running(10, 1, 0, now - hour));
    EXPECT_EQ(weigh(world, policy(), spec(), now).candidates[0].start, now + seconds(10));
}

TEST(Weigh, AnUnreachableCentreIsWaitedForNotRefusedForEver) {
    World world = three_centers();
    world.put_center({1}, center("wuhan"), out_of_contact());
    const CandidateTable table = weigh(world, policy(), spec(), now);
    EXPECT_EQ(table.candidates[0].center_name, "guiyang");
    ASSERT_TRUE(table.candidates[1].refusal);
    EXPECT_EQ(table.candidates[1].refusal->code, "CenterUnreachable");
    EXPECT_EQ(table.candidates[1].refusal->tier, Reason::waiting_for_capacity);
}

TEST(Weigh, WhatNeedsAnExcludedNodeWaitsForIt) {
    World world;
    world.put_chip(chip("A100"));
    world.put_center({1}, center("wuhan", {pool({.nodes = 3})}), {});
    world.exclude({1}, "main", 1);
    const CandidateTable pair = weigh(world, policy(), spec({.nodes = 2}), start_of_tests);
    ASSERT_EQ(pair.candidates.size(), 1U);
    EXPECT_FALSE(pair.candidates.front().refusal.has_value());
    const CandidateTable all = weigh(world, policy(), spec({.nodes = 3}), start_of_tests);
    ASSERT_TRUE(all.candidates.front().refusal.has_value());
    const Refusal& refusal = *all.candidates.front().refusal;
    EXPECT_EQ(refusal.code, "NodesExcluded");
    EXPECT_EQ(refusal.tier, Reason::waiting_for_capacity);
    EXPECT_EQ(refusal.detail, "needs 3 of 3 nodes, and 1 is excluded: main/1");
    const CandidateTable never = weigh(world, policy(), spec({.nodes = 4}), start_of_tests);
    EXPECT_EQ(never.candidates.front().refusal->code, "TooFewNodes");
}

}  // namespace
}  // namespace dayu::sched
