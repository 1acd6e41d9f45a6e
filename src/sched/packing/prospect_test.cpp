#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "sched/fleet.h"
#include "sched/packing/belief.h"
#include "sched/packing/offers.h"
#include "sched/packing/outlook.h"
#include "sched/packing/scarcity.h"
#include "sched/testing/packing.h"

namespace dayu::sched {
namespace {

using testing::chips;
using testing::node_with;

using Care = NodeOutlook::Care;

TEST(NodeOutlook, IsWhatNoOfferCanTake) {
    const std::vector<std::vector<OfferedRequest>> offers{
        {{.request = chips(1, 400), .weight = 1}}};
    NodeOutlook outlook(offers, {.glance = 1, .look = 2, .offers = 10});
    EXPECT_DOUBLE_EQ(outlook.idle_in_the_end(node_with(9000, {1000}), Care::look), 200);
    EXPECT_DOUBLE_EQ(outlook.idle_in_the_end(node_with(9000, {300, 800}), Care::look), 300);
    EXPECT_DOUBLE_EQ(outlook.idle_in_the_end(node_with(1000, {1000}), Care::look),
                     600);  // CPU for one
}

TEST(NodeOutlook, TakesWholeChipsTogether) {
    const std::vector<std::vector<OfferedRequest>> offers{{{.request = chips(2), .weight = 1}}};
    NodeOutlook outlook(offers, {.glance = 1, .look = 2, .offers = 10});
    EXPECT_DOUBLE_EQ(outlook.idle_in_the_end(node_with(9000, {500, 1000, 1000, 1000}), Care::look),
                     1500);
}

TEST(NodeOutlook, AGlancePlaysLessThanALook) {
    const std::vector<std::vector<OfferedRequest>> offers{
        {{.request = chips(1, 600), .weight = 1}, {.request = chips(1, 700), .weight = 1}}};
    NodeOutlook outlook(offers, {.glance = 1, .look = 64, .offers = 10});
    const NodeState node = node_with(9000, {1000});
    const double glance = outlook.idle_in_the_end(node, Care::glance);
    EXPECT_TRUE(glance == 300 || glance == 400);
    const double look = outlook.idle_in_the_end(node, Care::look);
    EXPECT_GT(look, 300);
    EXPECT_LT(look, 400);
    EXPECT_DOUBLE_EQ(outlook.idle_in_the_end(node, Care::glance), glance);
}

TEST(OfferSequences, AreTakenToTheirEnd) {
    const std::vector<OfferedRequest> offers{{.request = chips(1, 10), .weight = 1}};
    const OfferSequences sequences(offers, {.sequences = 3, .offers = 90});
    EXPECT_EQ(sequences.idle_after(node_with(99'000, {1000}), {0, 3}), 3 * 100);
    EXPECT_EQ(sequences.idle_after(node_with(70'500, {1000}), {0, 1}), 300);  // CPU for 70
    EXPECT_EQ(sequences.idle_after(node_with(99'000, {9, 15, 455}), {1, 3}), 2 * 19);
}

TEST(OfferSequences, PlayNothingWhereNothingIsOffered) {
    const OfferSequences sequences({}, {.sequences = 3, .offers = 90});
    EXPECT_EQ(sequences.idle_after(node_with(9000, {300, 1000}), {0, 3}), 3 * 1300);
}

TEST(OfferSequences, RequestsWithoutChipsTakeTheCpuOfOthers) {
    PackRequest without = chips(0, 0);
    without.cpu_milli = 3000;
    const std::vector<OfferedRequest> offers{{.request = without, .weight = 1},
                                             {.request = chips(1), .weight = 1}};
    const OfferSequences sequences(offers, {.sequences = 16, .offers = 20});
    const NodeState node = node_with(6000, {1000, 1000, 1000, 1000, 1000, 1000});
    EXPECT_GT(sequences.idle_after(node, {0, 16}), 0);
    EXPECT_LT(sequences.idle_after(node, {0, 16}), 16 * 6000);
}

TEST(Scarcity, PricesTheModelThatOthersCannotDoWithout) {
    PackRequest restricted = chips(1);
    restricted.models = 0b10;
    Scarcity scarcity(popularity_of(std::vector{restricted, chips(1)}));
    const Fleet fleet({{.state = node_with(9000, {1000, 1000}), .memory_mib = 100},
                       {.state = node_with(9000, {1000, 1000}, 1), .memory_mib = 100}},
                      false);
    scarcity.reprice(fleet, 2);  // one of them restricted, for two chips
    EXPECT_DOUBLE_EQ(scarcity.model_price(0), 0);
    EXPECT_DOUBLE_EQ(scarcity.model_price(1), 0.5);
    scarcity.reprice(fleet, 100);
    EXPECT_DOUBLE_EQ(scarcity.model_price(1), 1);
}

TEST(Scarcity, PricesRoomForSeveralChips) {
    Scarcity scarcity(popularity_of(std::vector{chips(2)}));
    const Fleet fleet({{.state = node_with(9000, {1000, 1000}), .memory_mib = 100}}, false);
    const std::uint32_t lost =
        scarcity.loss_of_rooms(node_with(9000, {1000, 1000}), node_with(8000, {500, 1000}));
    const std::uint32_t nothing =
        scarcity.loss_of_rooms(node_with(9000, {500, 1000}), node_with(8000, {100, 1000}));
    scarcity.reprice(fleet, 1);
    EXPECT_GT(scarcity.cost_of(lost), 0);
    EXPECT_DOUBLE_EQ(scarcity.cost_of(nothing), 0);
    scarcity.reprice(fleet, 0);
    EXPECT_DOUBLE_EQ(scarcity.cost_of(lost), 0);
}

TEST(Scarcity, RoomsCostNothingWhereMoreThanWillComeAreLeft) {
    Scarcity scarcity(popularity_of(std::vector{chips(2)}));
    const NodeState node = node_with(9000, {1000, 1000});
    const Fleet fleet(std::vector(400, FleetNode{.state = node, .memory_mib = 100}), false);
    const std::uint32_t lost = scarcity.loss_of_rooms(node, node_with(8000, {500, 1000}));
    std::vector<double> costs;
    for (const double expected : {1.0, 66.0, 200.0, 267.0, 400.0}) {
        scarcity.reprice(fleet, expected);
        costs.push_back(scarcity.cost_of(lost));
    }
    EXPECT_TRUE(std::ranges::is_sorted(costs));
    EXPECT_NEAR(costs[0], 0, 1e-4);
    EXPECT_NEAR(costs[1], 0, 1e-4);
    EXPECT_NEAR(costs[3], 500, 30);  // as likely as not, and half of two chips
    EXPECT_NEAR(costs[4], 1000, 1e-6);
}

TEST(Belief, WhatWasToldStandsWhileItComesTrue) {
    std::vector<PackRequest> counted(3000, chips(1));
    counted.resize(4000, chips(2));
    const Popularity told = popularity_of(counted);
    Belief belief(told);
    for (int arrival = 0; arrival < 1024; ++arrival)
        EXPECT_FALSE(belief.arrived(chips(arrival % 4 == 0 ? 2 : 1))) << arrival;
    EXPECT_EQ(belief.popularity().front().count, told.front().count);
}

TEST(Belief, ArrivalsThatSpeakAgainstItTakeItsPlace) {
    Belief belief(popularity_of(std::vector(1000, chips(1))));
    bool changed = false;
    for (int arrival = 0; arrival < 256; ++arrival) changed |= belief.arrived(chips(8));
    ASSERT_TRUE(changed);
    ASSERT_EQ(belief.popularity().size(), 2U);
    EXPECT_EQ(belief.popularity().front().request, chips(8));
    EXPECT_GT(belief.popularity().front().count, 10 * belief.popularity().back().count);
}

TEST(Belief, WithoutBeingToldItWaitsToBeTold) {
    Belief belief({});
    for (int arrival = 0; arrival < 256; ++arrival) EXPECT_FALSE(belief.arrived(chips(8)));
}

// Which of two nodes the policy takes.
std::uint32_t choice(const NodeState& a, const NodeState& b, const PackRequest& request,
                     const Popularity& popularity) {
    const auto policy = make_packing_policy("prospect");
    policy->expect(popularity);
    Fleet fleet({{.state = a, .memory_mib = 100}, {.state = b, .memory_mib = 100}}, false);
    const auto packed = fleet.pack(request, request.total_milli(), *policy);
    return packed ? packed->node : 99;
}

TEST(Prospect, TakesTheChipThatNobodyElseCouldUse) {
    const Popularity popularity = popularity_of(std::vector{chips(1), chips(1, 300)});
    EXPECT_EQ(choice(node_with(9000, {1000}), node_with(9000, {300}), chips(1, 300), popularity),
              1U);
}

TEST(Prospect, LeavesTheModelToThoseWhoNeedIt) {
    PackRequest restricted = chips(1);
    restricted.models = 0b01;
    const Popularity popularity = popularity_of(std::vector{restricted, chips(1)});
    EXPECT_EQ(choice(node_with(9000, {1000, 1000}), node_with(9000, {1000, 1000}, 1), chips(1),
                     popularity),
              1U);
}

TEST(Prospect, PlacesWithoutKnowingAnything) {
    EXPECT_EQ(choice(node_with(9000, {1000}), node_with(9000, {1000}), chips(1), {}), 0U);
}

}  // namespace
}  // namespace dayu::sched
