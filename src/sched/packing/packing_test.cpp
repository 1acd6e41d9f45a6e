#include "sched/packing.h"

#include <gtest/gtest.h>

#include "sched/fleet.h"
#include "sched/fragmentation.h"
#include "sched/testing/packing.h"

namespace dayu::sched {
namespace {

using testing::chips;
using testing::node_with;

TEST(Packing, ARequestFitsWhereCpuAndEnoughChipsAreLeft) {
    const NodeState node = node_with(1000, {1000, 400, 1000});
    EXPECT_TRUE(fits(node, chips(2)));
    EXPECT_FALSE(fits(node, chips(3)));
    EXPECT_TRUE(fits(node, chips(1, 400)));
    EXPECT_FALSE(fits(node_with(999, {1000}), chips(1)));
    PackRequest other_model = chips(1);
    other_model.models = 2;
    EXPECT_FALSE(fits(node, other_model));
    other_model.chips = 0;  // no chip, and any node will do
    EXPECT_TRUE(fits(node, other_model));
}

TEST(Packing, TakesFreeChipsInTheirOrderAndAPartOfTheChipThatIsNamed) {
    const NodeState node = node_with(5000, {300, 1000, 700, 1000});
    EXPECT_EQ(after(node, chips(2), 0), node_with(4000, {300, 0, 700, 0}));
    EXPECT_EQ(after(node, chips(1, 300), 2), node_with(4000, {300, 1000, 400, 1000}));
    EXPECT_EQ(tightest_chip(node.left, 300), 0U);
    EXPECT_EQ(tightest_chip(node.left, 301), 2U);
}

TEST(Packing, CountsTypesWithoutMemoryTheMostPopularFirst) {
    PackRequest large = chips(1, 300);
    PackRequest same = large;
    same.memory_mib = 99;
    const Popularity popularity = popularity_of(std::vector{chips(8), large, same});
    ASSERT_EQ(popularity.size(), 2U);
    EXPECT_EQ(popularity[0].count, 2);
    EXPECT_EQ(popularity[0].request.chip_milli, 300);
    EXPECT_EQ(popularity[0].request.memory_mib, 0);
}

TEST(Fragmentation, IsWhatTypicalRequestsCannotUse) {
    const Fragmentation halves(popularity_of(std::vector{chips(1, 500)}));
    EXPECT_DOUBLE_EQ(halves.of(node_with(1000, {400, 700})), 400);  // the chip with too little
    EXPECT_DOUBLE_EQ(halves.of(node_with(999, {400, 700})), 1100);  // no CPU: all of it
    EXPECT_DOUBLE_EQ(halves.of(node_with(1000, {400, 300})), 700);  // no chip will do
}

TEST(Fleet, GroupsEqualNodesAndGivesBackWhatIsReleased) {
    const FleetNode node{.state = node_with(4000, {1000, 1000}), .memory_mib = 30};
    Fleet fleet({node, node, node}, false);
    EXPECT_EQ(fleet.groups().size(), 1U);
    EXPECT_EQ(fleet.capacity_milli(), 6000);
    const auto policy = make_packing_policy("best-fit");
    policy->expect({});
    const auto first = fleet.pack(chips(1, 400), 400, *policy);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->node, 0U);  // of equals the first
    EXPECT_EQ(fleet.groups().size(), 2U);
    const auto second = fleet.pack(chips(1, 600), 1000, *policy);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->node, 0U);  // fills the chip
    EXPECT_EQ(fleet.nodes()[0].state, node_with(2000, {0, 1000}));
    fleet.release(chips(1, 400), *first);
    fleet.release(chips(1, 600), *second);
    EXPECT_EQ(fleet.groups().size(), 1U);
    EXPECT_EQ(fleet.nodes()[0].memory_mib, 30);
}

TEST(Fleet, RefusesForMemoryAlone) {
    Fleet fleet({{.state = node_with(4000, {1000}), .memory_mib = 9}}, false);
    const auto policy = make_packing_policy("best-fit");
    EXPECT_FALSE(fleet.pack(chips(1), 1000, *policy));
}

// What a policy does with two nodes: which of them takes the request.
std::uint32_t choice(std::string_view name, const NodeState& a, const NodeState& b,
                     const PackRequest& request, const Popularity& popularity = {}) {
    const auto policy = make_packing_policy(name);
    policy->expect(popularity);
    Fleet fleet({{.state = a, .memory_mib = 100}, {.state = b, .memory_mib = 100}},
                policy->tells_chips_apart());
    const auto packed = fleet.pack(request, request.total_milli(), *policy);
    return packed ? packed->node : 99;
}

TEST(PackingPolicies, BestFitTakesTheNodeWithLeastLeft) {
    EXPECT_EQ(choice("best-fit", node_with(9000, {1000, 1000}), node_with(4000, {1000}), chips(1)),
              1U);
}

TEST(PackingPolicies, GpuPackingTakesUsedChipsThenUsedNodes) {
    const NodeState idle = node_with(9000, {1000, 1000});
    EXPECT_EQ(choice("gpu-packing", idle, node_with(9000, {500, 1000}), chips(1, 500)), 1U);
    EXPECT_EQ(choice("gpu-packing", idle, node_with(9000, {200, 1000}), chips(1)), 1U);
}

TEST(PackingPolicies, FgdKeepsWholeChipsForThoseWhoAskForThem) {
    const Popularity whole = popularity_of(std::vector{chips(1)});
    EXPECT_EQ(choice("fgd", node_with(9000, {1000, 1000}), node_with(9000, {500, 1000}),
                     chips(1, 500), whole),
              1U);
}

TEST(PackingPolicies, HaveNamesAndADefault) {
    for (const std::string_view name : packing_policy_names())
        EXPECT_EQ(make_packing_policy(name)->name(), name);
    EXPECT_EQ(make_packing_policy("nobody"), nullptr);
}

}  // namespace
}  // namespace dayu::sched
