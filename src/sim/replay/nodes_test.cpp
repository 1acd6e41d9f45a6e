#include "sim/replay/nodes.h"

#include <gtest/gtest.h>

namespace dayu::sim {
namespace {

using Jobs = std::vector<std::uint32_t>;

TEST(Nodes, AJobTakesTheFullestNodeWithRoom) {
    Nodes nodes(16, 8, 10);
    nodes.place(std::vector<Nodes::Sized>{{0, 4}});
    nodes.place(std::vector<Nodes::Sized>{{0, 4}, {1, 1}});
    // Both are on one node, so a whole one is free.
    const auto outcome = nodes.place(std::vector<Nodes::Sized>{{0, 4}, {1, 1}, {2, 8}});
    EXPECT_TRUE(outcome.moved.empty());
    EXPECT_TRUE(outcome.left_out.empty());
}

TEST(Nodes, SmallOnesMoveWhereAWholeNodeIsNeeded) {
    Nodes nodes(16, 8, 10);
    nodes.place(std::vector<Nodes::Sized>{{0, 4}, {1, 4}, {2, 2}});
    nodes.leave(1);
    const auto outcome = nodes.place(std::vector<Nodes::Sized>{{0, 4}, {2, 2}, {3, 8}});
    EXPECT_EQ(outcome.moved, Jobs{2});
    EXPECT_TRUE(outcome.left_out.empty());
}

TEST(Nodes, AGangTakesWholeNodesAndAPart) {
    Nodes nodes(24, 8, 10);
    nodes.place(std::vector<Nodes::Sized>{{0, 12}, {1, 4}});
    const auto outcome = nodes.place(std::vector<Nodes::Sized>{{0, 12}, {1, 4}, {2, 8}});
    EXPECT_TRUE(outcome.moved.empty());
    EXPECT_TRUE(outcome.left_out.empty());
}

TEST(Nodes, WhatFitsByNumberAndNotOnNodesIsLeftOut) {
    Nodes nodes(16, 8, 10);
    const auto outcome = nodes.place(std::vector<Nodes::Sized>{{0, 5}, {1, 5}, {2, 5}});
    EXPECT_EQ(outcome.left_out, Jobs{2});
}

}  // namespace
}  // namespace dayu::sim
