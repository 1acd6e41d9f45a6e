// explain answers the question that users of every scheduler ask first: why is my job pending?
#include <gtest/gtest.h>

#include "sched/decide.h"
#include "sched/testing/worlds.h"

namespace dayu::sched {
namespace {

using namespace testing;

constexpr Time now = start_of_tests;
using Hints = std::vector<std::string>;

World two_centers(const JobSpec& job) {
    World world;
    world.put_chip(chip("A100"));
    world.put_chip(chip("Ascend910B"));
    world.put_center({1}, center("wuhan"), {});
    world.put_center(
        {2}, center("zhongwei", {pool({.chip = "Ascend910B", .yuan_per_chip_hour = 8})}), {});
    world.put_shape({1}, job);
    world.enqueue(queued(5, 1));
    return world;
}

World empty_wuhan() {
    World world;
    world.put_chip(chip("A100"));
    world.put_center({1}, center("wuhan", {pool({.nodes = 2})}), {});
    return world;
}

TEST(Explain, AJobThatFitsNowIsOnlyNotYetEvaluated) {
    const Explanation told = explain(two_centers(spec()), policy(), {5}, now);
    EXPECT_EQ(told.reason, Reason::pending_evaluation);
    EXPECT_EQ(told.start, now);
    EXPECT_EQ(told.text, "fits wuhan/main now: the next round places it");
    EXPECT_EQ(told.table.candidates.size(), 2U);
}

TEST(Explain, WaitingTellsThePlaceWhoIsAheadAndWhatWouldBeSooner) {
    World world = two_centers(spec());
    world.occupy(running(1, 1, 0, now + hour));
    world.enqueue(queued(3, 1));
    world.enqueue(queued(4, 1));
    world.enqueue(queued(6, 1));
    const Explanation told = explain(world, policy(), {5}, now);
    EXPECT_EQ(told.reason, Reason::waiting_for_capacity);
    EXPECT_TRUE(told.can_ever_run);
    EXPECT_EQ(told.ahead, 2);
    EXPECT_EQ(told.start, now + hour);
    EXPECT_EQ(
        told.text,
        "waits for wuhan/main, 2 ahead; room in 60 min by the time limits of what runs there");
    EXPECT_EQ(told.hints, Hints{"starts now if Ascend910B is allowed"});
}

// Four projects wait for one full node. What each uses, and its weight, says who comes first.
TEST(Explain, WhoIsAheadIsToldByQueue) {
    World world = empty_wuhan();
    RunningJob busy = running(1, 1, 0, now + hour);
    busy.queue = "default/greedy";
    world.occupy(busy);
    RunningJob mine = running(2, 1, 1, now + hour);
    mine.queue = "default/mine";
    world.occupy(mine);
    world.put_shape({1}, spec());
    const auto wait = [&](std::uint64_t job, const char* queue) {
        QueuedJob one = queued(job, 1);
        one.queue = queue;
        world.enqueue(one);
    };
    wait(10, "default/greedy");
    wait(11, "default/mine");
    for (std::uint64_t job = 20; job < 30; ++job) wait(job, "default/modest");
    wait(40, "default/mine");

    // Greedy has used as much as mine, and is older; modest may run as much as mine will by then.
    const Explanation told = explain(world, policy(), {40}, now);
    ASSERT_EQ(told.queues_ahead.size(), 3U);
    EXPECT_EQ(told.queues_ahead[0].queue, "default/modest");
    EXPECT_EQ(told.queues_ahead[0].jobs, 2);
    EXPECT_EQ(told.queues_ahead[1].queue, "default/greedy");
    EXPECT_EQ(told.queues_ahead[1].jobs, 1);
    EXPECT_EQ(told.ahead, 4);
    EXPECT_EQ(told.basis, "by the time limits of what runs there");

    world.put_queue({.path = "default/modest", .weight_milli = 2'000, .quotas = {}});
    EXPECT_EQ(explain(world, policy(), {40}, now).queues_ahead[0].jobs, 4);
    const Explanation first = explain(world, policy(), {20}, now);
    EXPECT_EQ(first.ahead, 0) << "modest has used nothing";
}

TEST(Explain, AQuotaSaysWhoseAndHowMuch) {
    World world = empty_wuhan();
    world.put_queue({.path = "default/mine",
                     .quotas = {{.chip = "A100", .guaranteed_milli = 0, .limit_milli = 4'000}}});
    world.put_shape({1}, spec());
    QueuedJob one = queued(5, 1);
    one.queue = "default/mine";
    world.enqueue(one);
    const Explanation told = explain(world, policy(), {5}, now);
    EXPECT_EQ(told.reason, Reason::quota_exceeded);
    EXPECT_EQ(told.text, "waits: queue default/mine may have 4 A100, uses 0, and it wants 8");
    EXPECT_EQ(told.start, std::nullopt);
}

TEST(Explain, WhatIsGuaranteedToOthersIsNotFreeForAll) {
    World world = empty_wuhan();
    world.put_queue({.path = "default/other",
                     .quotas = {{.chip = "A100", .guaranteed_milli = 16'000, .limit_milli = {}}}});
    world.put_shape({1}, spec());
    QueuedJob one = queued(5, 1);
    one.queue = "default/mine";
    world.enqueue(one);
    const Explanation told = explain(world, policy(), {5}, now);
    EXPECT_EQ(told.reason, Reason::quota_exceeded);
    EXPECT_EQ(told.text,
              "waits: of 16 A100 that are free 16 are guaranteed to others, and it wants 8");
    EXPECT_EQ(told.hints.front(), "may borrow what is guaranteed to others if it is preemptible");
}

TEST(Explain, NeverFitsIsToldApartFromWaitingWithCounts) {
    const Explanation told = explain(two_centers(spec({.nodes = 2})), policy(), {5}, now);
    EXPECT_EQ(told.reason, Reason::never_fits);
    EXPECT_FALSE(told.can_ever_run);
    EXPECT_EQ(told.text, "can never run: 1/2 centers: ChipNotHere, 1/2 centers: TooFewNodes");
    EXPECT_EQ(told.start, std::nullopt);
}

TEST(Explain, ALiftedRegionIsAHint) {
    JobSpec fussy = spec();
    fussy.placement.regions = {"cn/elsewhere"};
    const Explanation told = explain(two_centers(fussy), policy(), {5}, now);
    EXPECT_EQ(told.reason, Reason::policy_forbidden);
    EXPECT_EQ(told.hints, Hints{"starts now if region cn/test/wuhan is allowed"});
}

TEST(Explain, ALiftedTierIsAHint) {
    JobSpec fussy = spec();
    fussy.placement.tiers = {Tier::national};
    const Explanation told = explain(two_centers(fussy), policy(), {5}, now);
    EXPECT_EQ(told.hints, Hints{"starts now if tier city is allowed"});
}

TEST(Explain, ABudgetNamesThePriceAndTheTimeThatItBuys) {
    JobSpec poor = spec();
    poor.placement.max_price = yuan_of(60);
    World world = two_centers(poor);
    QueuedJob retried = queued(5, 1);
    retried.spent = yuan_of(20);
    world.enqueue(retried);
    const Explanation told = explain(world, policy(), {5}, now);
    EXPECT_EQ(told.reason, Reason::budget_exhausted);
    EXPECT_EQ(told.hints, (Hints{"fits if max_price is 100.00", "fits if time_limit is 30m"}));
}

TEST(Explain, WhatIsSpentCountsAgainstMaxPrice) {
    JobSpec bounded = spec();
    bounded.placement.max_price = yuan_of(90);
    World world = two_centers(bounded);
    QueuedJob retried = queued(5, 1);
    retried.spent = yuan_of(20);
    world.enqueue(retried);
    const Explanation told = explain(world, policy(), {5}, now);
    EXPECT_EQ(told.reason, Reason::budget_exhausted);
    EXPECT_EQ(told.table.candidates[0].refusal->detail,
              "costs 80.00 on top of 20.00 spent, max_price is 90.00");
}

TEST(Explain, AHeldBackJobSaysUntilWhen) {
    World world = two_centers(spec());
    QueuedJob delayed = queued(5, 1);
    delayed.not_before = now + hour;
    world.enqueue(delayed);
    const Explanation told = explain(world, policy(), {5}, now);
    EXPECT_EQ(told.reason, Reason::begin_time);
    EXPECT_EQ(told.start, now + hour);
}

TEST(Explain, AnUnreachableCentreMayComeBack) {
    World world = two_centers(spec());
    world.put_center({1}, center("wuhan"), out_of_contact());
    const Explanation told = explain(world, policy(), {5}, now);
    EXPECT_EQ(told.reason, Reason::waiting_for_capacity);
    EXPECT_TRUE(told.can_ever_run);
    EXPECT_EQ(told.text, "waits: 1/2 centers: CenterUnreachable, 1/2 centers: ChipNotHere");
}

TEST(Explain, AJobThatIsNotQueuedDoesNotWait) {
    EXPECT_EQ(explain(two_centers(spec()), policy(), {99}, now).reason, Reason::none);
}

}  // namespace
}  // namespace dayu::sched
