#include "plan/collectives.h"

#include <gtest/gtest.h>

namespace dayu::plan {
namespace {

constexpr double gb = 1e9;

Fabric plain(Wiring wiring) {
    return {.node = {.wiring = wiring, .chips = 8, .bandwidth = 196 * gb},
            .network = {.bandwidth = 25 * gb}};
}

constexpr Group in_node(double ranks) { return {.ranks = ranks, .per_node = ranks}; }

TEST(Collectives, OneRankExchangesNothing) {
    const Fabric fabric = plain(Wiring::crossbar);
    EXPECT_EQ(all_reduce_s(fabric, in_node(1), gb), 0);
    EXPECT_EQ(all_gather_s(fabric, in_node(1), gb), 0);
    EXPECT_EQ(all_to_all_s(fabric, in_node(1), gb), 0);
}

TEST(Collectives, AllReduceIsAReduceScatterAndAnAllGather) {
    for (const Wiring wiring : {Wiring::crossbar, Wiring::mesh, Wiring::ring}) {
        for (const Group group : {in_node(2), in_node(8), Group{64, 8}, Group{64, 1}}) {
            const Fabric fabric = plain(wiring);
            EXPECT_NEAR(all_reduce_s(fabric, group, gb),
                        all_gather_s(fabric, group, gb) + reduce_scatter_s(fabric, group, gb),
                        1e-9);
        }
    }
}

TEST(Collectives, BehindASwitchTwoChipsHaveTheWholeLink) {
    const Fabric fabric = plain(Wiring::crossbar);
    EXPECT_DOUBLE_EQ(all_reduce_s(fabric, in_node(2), 196 * gb), 1);
    EXPECT_DOUBLE_EQ(all_reduce_s(fabric, in_node(8), 196 * gb), 2 * 7 / 8.0);
}

// Measured on 910B: 18.5, 53 and 125 GB/s of bus bandwidth for 2, 4 and 8 chips, which is 1 : 2.9 : 6.8.
TEST(Collectives, InAMeshAGroupHasTheLinksBetweenItsMembers) {
    const Fabric fabric = plain(Wiring::mesh);
    const auto bus = [&](double n) {
        return 2 * (n - 1) / n * gb / all_reduce_s(fabric, in_node(n), gb) / gb;
    };
    EXPECT_NEAR(bus(2), 28, 1e-9);
    EXPECT_NEAR(bus(4), 84, 1e-9);
    EXPECT_NEAR(bus(8), 196, 1e-9);
}

TEST(Collectives, AllNetworkCardsOfAGroupsMembersCarryAPart) {
    const Fabric fabric = plain(Wiring::crossbar);
    const auto between_nodes = [&](double per_node) {
        const Group group{.ranks = 8 * per_node, .per_node = per_node};
        const double inside = 2 * (per_node - 1) / per_node * gb / (196 * gb);
        return all_reduce_s(fabric, group, gb) - inside;
    };
    EXPECT_NEAR(between_nodes(1), 8 * between_nodes(8), 1e-9);
}

TEST(Collectives, OversubscriptionDividesTheNetwork) {
    Fabric fabric = plain(Wiring::crossbar);
    const double before = all_reduce_s(fabric, {.ranks = 8, .per_node = 1}, gb);
    fabric.network.oversubscription = 2;
    EXPECT_DOUBLE_EQ(all_reduce_s(fabric, {.ranks = 8, .per_node = 1}, gb), 2 * before);
}

TEST(Collectives, RanksFillNodesFromTheInnermostGroup) {
    const Fabric fabric = plain(Wiring::crossbar);
    EXPECT_EQ(group_of(fabric, 8, 1).per_node, 8);
    EXPECT_EQ(group_of(fabric, 64, 2).per_node, 4);
    EXPECT_EQ(group_of(fabric, 64, 8).per_node, 1);
    EXPECT_EQ(group_of(fabric, 16, 1).per_node, 8);
}

TEST(Collectives, SmallMessagesTakeTheTreesLatency) {
    Fabric fabric = plain(Wiring::crossbar);
    fabric.node.latency_s = 1e-6;
    EXPECT_NEAR(all_reduce_s(fabric, in_node(8), 1), 2 * 3 * 1e-6, 1e-8);
    EXPECT_NEAR(all_gather_s(fabric, in_node(8), 1), 7 * 1e-6, 1e-8);
}

}  // namespace
}  // namespace dayu::plan
