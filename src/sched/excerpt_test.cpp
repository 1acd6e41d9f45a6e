#include "sched/excerpt.h"

#include <gtest/gtest.h>

#include "sched/testing/worlds.h"

namespace dayu::sched {
namespace {

using namespace testing;

World two_centers() {
    World world;
    world.put_chip(chip("A100"));
    world.put_center({1}, center("a", {pool({.nodes = 2})}), {});
    world.put_center({2}, center("b", {pool({.nodes = 1, .yuan_per_chip_hour = 12})}), {});
    world.put_shape({1}, spec({.chips = 4, .hours = 2}));
    return world;
}

Market market(const World& world) { return market_of(excerpt_of(world, start_of_tests), policy()); }

TEST(Excerpt, AClassHasItsOffersAtWhatTheyCost) {
    World world = two_centers();
    world.enqueue(queued(1, 1));
    world.enqueue(queued(2, 1));
    world.occupy(running(9, 1, 0, start_of_tests + hour));
    const Market seen = market(world);
    ASSERT_EQ(seen.pools.size(), 2u);
    EXPECT_EQ(seen.pools[0].center_name, "a");
    EXPECT_EQ(seen.pools[0].list, yuan_of(10));
    EXPECT_EQ(seen.pools[0].total_milli, 16'000);
    EXPECT_EQ(seen.pools[0].free_milli, 8'000);
    ASSERT_EQ(seen.classes.size(), 1u);
    EXPECT_EQ(seen.classes[0].jobs, 2);
    ASSERT_EQ(seen.classes[0].offers.size(), 2u);
    const MarketOffer& cheap = seen.classes[0].offers[0];
    EXPECT_EQ(cheap.pool, 0u);
    EXPECT_EQ(cheap.wanted_milli, 4'000);
    EXPECT_EQ(cheap.cost, yuan_of(80));
    EXPECT_EQ(cheap.wait_per_hour, yuan_of(4));
    EXPECT_EQ(seen.classes[0].offers[1].cost, yuan_of(96));
}

TEST(Excerpt, WhatTakesNoJobsAtPresentIsNoSupply) {
    World world = two_centers();
    world.enqueue(queued(1, 1));
    world.put_center({2}, center("b"), out_of_contact());
    world.exclude({1}, "main", 1);
    const Market seen = market(world);
    ASSERT_EQ(seen.pools.size(), 1u);
    EXPECT_EQ(seen.pools[0].total_milli, 8'000);
    EXPECT_EQ(seen.pools[0].free_milli, 8'000);
    world.exclude({1}, "main", 0);
    EXPECT_TRUE(market(world).classes[0].offers.empty());
}

TEST(Excerpt, WhoMayNotBePlacedYetIsNoDemand) {
    World world = two_centers();
    QueuedJob later = queued(1, 1);
    later.not_before = start_of_tests + hour;
    world.enqueue(later);
    world.advance(start_of_tests);
    EXPECT_TRUE(market(world).classes.empty());
}

TEST(Excerpt, APoolWithoutChipsIsCountedByItsCpus) {
    World world = two_centers();
    Pool cpus = pool({.name = "cpu", .chip = "", .nodes = 3, .chips_per_node = 0});
    world.put_center({3}, center("c", {pool(), cpus}), {});
    JobSpec one = spec({.chip = "", .nodes = 2, .chips = 0});
    one.resources.cpus = 8;
    world.put_shape({2}, one);
    world.enqueue(queued(1, 2));
    const Market seen = market(world);
    ASSERT_EQ(seen.pools.size(), 4u);
    EXPECT_EQ(seen.pools[2].pool, "cpu");
    EXPECT_EQ(seen.pools[2].list, yuan_of(1));
    EXPECT_EQ(seen.pools[2].free_milli, 3 * 64'000);
    // It may run beside the chips of the others too, but makes none of them scarce.
    ASSERT_EQ(seen.classes[0].offers.size(), 1u);
    EXPECT_EQ(seen.classes[0].offers[0].pool, 2u);
    EXPECT_EQ(seen.classes[0].offers[0].wanted_milli, 16'000);
}

TEST(Excerpt, VariantsAreOffersOfOneClass) {
    World world = two_centers();
    world.put_chip(chip("H100"));
    world.put_center({3}, center("c", {pool({.chip = "H100"})}), {});
    JobSpec one = spec({.chips = 4});
    one.variants = {{one.resources}, {{.chip = "H100", .chips_milli = 2000}}};
    world.put_shape({2}, one);
    world.enqueue(queued(1, 2));
    const Market seen = market(world);
    ASSERT_EQ(seen.classes[0].offers.size(), 3u);
    for (const MarketOffer& offer : seen.classes[0].offers) {
        EXPECT_EQ(offer.variant, VariantIndex{offer.pool == 2 ? 1 : 0});
        EXPECT_EQ(offer.wanted_milli, offer.pool == 2 ? 2000 : 4000);
    }
}

TEST(Excerpt, TheClassesThatWantMostComeFirst) {
    World world = two_centers();
    for (std::uint32_t shape = 2; shape <= 5; ++shape) {
        world.put_shape({shape}, spec({.chips = shape}));
        world.enqueue(queued(shape, shape));
    }
    const Excerpt excerpt = excerpt_of(world, start_of_tests, 2);
    ASSERT_EQ(excerpt.classes.size(), 2u);
    EXPECT_EQ(excerpt.classes[0].shape, ShapeId{5});
    EXPECT_EQ(excerpt.classes[1].shape, ShapeId{4});
    EXPECT_EQ(excerpt.classes_left_out, 2);
}

TEST(Excerpt, DataThatHasToMoveCosts) {
    World world = two_centers();
    Center far = center("b", {pool({.nodes = 1})});
    far.link.price_per_gib = yuan_of(1);
    world.put_center({2}, far, {});
    world.put_dataset({.name = "tang", .bytes = std::int64_t{4} << 30, .centers = {"a"}});
    JobSpec one = spec({.chips = 4, .hours = 2});
    one.inputs = {{.dataset = "tang", .bytes = 0}};
    world.put_shape({2}, one);
    world.enqueue(queued(1, 2));
    const Market seen = market(world);
    EXPECT_EQ(seen.classes[0].offers[1].cost, yuan_of(84));
}

}  // namespace
}  // namespace dayu::sched
