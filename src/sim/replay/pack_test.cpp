#include "sim/replay/pack.h"

#include <gtest/gtest.h>

namespace dayu::sim {
namespace {

using sched::PackRequest;

PackRequest part(std::int32_t milli) {
    return {.cpu_milli = 1000, .memory_mib = 1, .chips = 1, .chip_milli = milli};
}

std::vector<sched::FleetNode> nodes(std::size_t count) {
    const sched::FleetNode node{
        .state = {.model = 0, .cpu_milli = 64'000, .left = sched::ChipsLeft(1, 1000)},
        .memory_mib = 1000};
    return std::vector(count, node);
}

PackCurves replay(const PackSetup& setup) {
    return replay_pack(setup, *sched::make_packing_policy("best-fit"));
}

TEST(PackReplay, CountsWhatIsAllocatedByWhatWasAskedFor) {
    PackSetup setup{.nodes = nodes(1), .arrivals = {}, .popularity = {}, .told = {}};
    for (int i = 0; i < 3; ++i) setup.arrivals.push_back({.request = part(400)});
    const PackCurves curves = replay(setup);
    ASSERT_EQ(curves.allocation_pct.size(), 121U);
    EXPECT_DOUBLE_EQ(curves.allocation_pct[40], 40);
    EXPECT_DOUBLE_EQ(curves.allocation_pct[60], 40);  // nothing arrived: as before
    EXPECT_DOUBLE_EQ(curves.allocation_pct[80], 80);
    EXPECT_DOUBLE_EQ(curves.allocation_pct[120], 80);  // the third was lost
    EXPECT_EQ(curves.packed, 2);
    EXPECT_EQ(curves.lost, 1);
}

TEST(PackReplay, WhatHasLeftMakesRoomAndIsNoDemandAnyMore) {
    PackSetup setup{.nodes = nodes(1), .arrivals = {}, .popularity = {}, .told = {}};
    setup.arrivals = {{.request = part(1000), .at_s = 0, .until_s = 10},
                      {.request = part(700), .at_s = 5, .until_s = 6},  // lost
                      {.request = part(900), .at_s = 10}};
    const PackCurves curves = replay(setup);
    EXPECT_EQ(curves.packed, 2);
    ASSERT_EQ(curves.allocation_pct.size(), 171U);
    EXPECT_DOUBLE_EQ(curves.allocation_pct[90], 90);
    EXPECT_DOUBLE_EQ(curves.allocation_pct[170], 100);
}

TEST(PackReplay, DrawsUntilSoMuchIsAskedFor) {
    const std::vector<PackPod> pods{{.request = part(500)}, {.request = part(250)}};
    const std::uint64_t seed = 7;
    Random random(seed);
    std::int64_t sum = 0;
    for (const PackArrival& arrival : arrivals_that_stay(pods, 100'000, random))
        sum += arrival.request.total_milli();
    EXPECT_LE(sum, 100'000) << "seed " << seed;
    EXPECT_GT(sum, 99'000) << "seed " << seed;
    const auto fewer = arrivals_that_stay(pods, 300, random);  // one is drawn out
    EXPECT_LE(fewer.size(), 1U);
}

TEST(PackReplay, DrawsThoseThatLeaveSoThatTheDemandIsPresentAtTheEnd) {
    const std::vector<PackPod> pods{{.request = part(500), .stays_s = 360}};
    const std::uint64_t seed = 7;
    Random random(seed);
    std::int64_t present = 0;
    const auto arrivals = arrivals_that_leave(pods, 100'000, random);
    for (const PackArrival& arrival : arrivals) {
        EXPECT_LT(arrival.at_s, 3600);
        if (arrival.until_s >= 3600) present += 500;
    }
    EXPECT_NEAR(static_cast<double>(arrivals.size()), 2000, 1) << "seed " << seed;
    EXPECT_NEAR(static_cast<double>(present), 100'000, 1000) << "seed " << seed;
}

TEST(PackReplay, BoundsWhatAnybodyCouldAllocate) {
    // Six have arrived when four chips are asked for, and a chip holds one of them.
    std::vector<PackArrival> arrivals(10, PackArrival{.request = part(600)});
    const auto bound = bound_of_allocation_pct(nodes(4), arrivals);
    ASSERT_TRUE(bound) << bound.error().message;
    EXPECT_NEAR(*bound, 60, 1e-6);
    arrivals.assign(3, PackArrival{.request = part(400)});
    EXPECT_NEAR(*bound_of_allocation_pct(nodes(4), arrivals), 30, 1e-6);
}

TEST(PackReplay, EqualSetupsGiveEqualCurves) {
    PackSetup setup{.nodes = nodes(20), .arrivals = {}, .popularity = {}, .told = {}};
    const std::vector<PackPod> pods{{.request = part(500)}, {.request = part(300)}};
    Random random(3);
    setup.arrivals = arrivals_that_stay(pods, 26'000, random);
    for (const std::string_view name : sched::packing_policy_names()) {
        const PackCurves once = replay_pack(setup, *sched::make_packing_policy(name));
        const PackCurves again = replay_pack(setup, *sched::make_packing_policy(name));
        EXPECT_EQ(once.allocation_pct, again.allocation_pct) << name;
        EXPECT_EQ(once.frag_ratio_pct, again.frag_ratio_pct) << name;
    }
}

}  // namespace
}  // namespace dayu::sim
