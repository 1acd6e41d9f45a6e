// The World fed step by step equals the one built anew, whatever came between.
#include "sched/world.h"

#include <gtest/gtest.h>

#include "sched/testing/worlds.h"

namespace dayu::sched {
namespace {

using namespace testing;

constexpr Time later = start_of_tests + hour;

World with_center(const Center& one) {
    World world;
    world.put_center({1}, one, {});
    return world;
}

const PoolView& main_pool(const World& world) { return world.centers().at({1}).pools.at("main"); }

TEST(World, VacatingGivesBackWhatWasOccupied) {
    const World empty = with_center(center("wuhan"));
    World world = empty;
    world.occupy(running(1, 1, 0, later, 3));
    EXPECT_EQ(main_pool(world).free().at(0).free_chips_milli, 5000);
    world.vacate({1});
    EXPECT_EQ(world, empty);
    world.vacate({1});
    EXPECT_EQ(world, empty);
}

TEST(World, OccupyingAgainReplacesWhatWasThere) {
    World world = with_center(center("wuhan"));
    world.occupy(running(1, 1, 0, later));
    world.occupy(running(1, 1, 0, later + hour));
    World anew = with_center(center("wuhan"));
    anew.occupy(running(1, 1, 0, later + hour));
    EXPECT_EQ(world, anew);
}

TEST(World, AShrunkPoolKeepsWhatRunsThere) {
    World world = with_center(center("wuhan", {pool({.nodes = 2})}));
    world.occupy(running(1, 1, 0, later));
    world.occupy(running(2, 1, 1, later));
    const Center smaller = center("wuhan", {pool({.nodes = 1, .chips_per_node = 4})});
    world.put_center({1}, smaller, {});
    EXPECT_EQ(main_pool(world).free().size(), 1);
    EXPECT_EQ(main_pool(world).free().at(0).free_chips_milli, -4000);
    EXPECT_EQ(main_pool(world).running(), 2);
    world.vacate({1});
    world.vacate({2});
    EXPECT_EQ(world, with_center(smaller));
}

TEST(World, AWithdrawnPoolGoesWithTheLastThatRanThere) {
    World world = with_center(center("wuhan"));
    world.occupy(running(1, 1, 0, later));
    const Center other = center("wuhan", {pool({.name = "other"})});
    world.put_center({1}, other, {});
    EXPECT_EQ(main_pool(world).free().size(), 0);

    World anew = with_center(other);
    anew.occupy(running(1, 1, 0, later));
    EXPECT_EQ(world, anew);
    world.vacate({1});
    EXPECT_EQ(world, with_center(other));
}

TEST(World, AGrownPoolSeesAgainWhatRanBeyondIt) {
    const Center two = center("wuhan", {pool({.nodes = 2})});
    World world = with_center(two);
    world.occupy(running(1, 1, 1, later));
    World anew = world;
    world.put_center({1}, center("wuhan", {pool({.nodes = 1})}), {});
    world.put_center({1}, two, {});
    EXPECT_EQ(world, anew);
}

TEST(World, AnExcludedNodeTakesNothingAndKeepsWhatRuns) {
    const Center two = center("wuhan", {pool({.nodes = 2})});
    World world = with_center(two);
    world.occupy(running(1, 1, 0, later, 3));
    const World before = world;
    world.exclude({1}, "main", 0);
    world.exclude({1}, "main", 0);
    EXPECT_EQ(main_pool(world).free().count(spec({.chips = 1}).resources, 2), 1);
    EXPECT_EQ(main_pool(world).free().total().free_chips_milli, 8000);
    world.vacate({1});
    EXPECT_EQ(main_pool(world).free().count(spec({.chips = 1}).resources, 2), 1);
    world.occupy(running(1, 1, 0, later, 3));
    world.include({1}, "main", 0);
    EXPECT_EQ(world, before);
}

TEST(World, AnExclusionOutlivesThePool) {
    const Center two = center("wuhan", {pool({.nodes = 2})});
    World world = with_center(two);
    world.exclude({1}, "main", 1);
    const World excluded = world;
    world.put_center({1}, center("wuhan", {pool({.nodes = 1})}), {});
    EXPECT_EQ(main_pool(world).free().open_nodes(), 1);
    world.put_center({1}, center("wuhan", {pool({.name = "other"})}), {});
    world.put_center({1}, two, {});
    EXPECT_EQ(world, excluded);
    EXPECT_EQ(main_pool(world).free().open_nodes(), 1);
}

TEST(World, QueueIsByClassAndDequeueTakesFromIt) {
    World world;
    world.put_shape({1}, spec());
    World before = world;
    world.enqueue(queued(7, 1));
    world.enqueue(queued(7, 1));
    EXPECT_EQ(world.find_queued({7}), queued(7, 1));
    EXPECT_EQ(world.waiting().size(), 1U);
    world.dequeue({7});
    world.dequeue({7});
    EXPECT_EQ(world.find_queued({7}), std::nullopt);
    EXPECT_EQ(world, before);
}

TEST(World, WakesForTheNextJobThatTimeHoldsBack) {
    World world;
    world.put_shape({1}, spec());
    for (std::uint64_t i = 1; i <= 3; ++i) {
        QueuedJob job = queued(i, 1);
        job.not_before = start_of_tests + seconds(static_cast<std::int64_t>(10 * i));
        world.enqueue(job);
    }
    EXPECT_EQ(world.next_wake(start_of_tests), start_of_tests + seconds(10));
    EXPECT_EQ(world.next_wake(start_of_tests + seconds(10)), start_of_tests + seconds(20));
    world.dequeue({2});
    EXPECT_EQ(world.next_wake(start_of_tests + seconds(10)), start_of_tests + seconds(30));
    EXPECT_EQ(world.next_wake(start_of_tests + seconds(30)), std::nullopt);
}

}  // namespace
}  // namespace dayu::sched
