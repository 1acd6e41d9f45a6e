#include "dayu/gang_log.h"

#include <gtest/gtest.h>

namespace dayu::app {
namespace {

TEST(NodeLines, ALineWaitsUntilItIsWhole) {
    NodeLines lines(3, 12, false);
    EXPECT_EQ(lines.take("one\ntw"), " 3 | one\n");
    EXPECT_EQ(lines.take("o"), "");
    EXPECT_EQ(lines.take("\n\n"), " 3 | two\n 3 | \n");
    EXPECT_EQ(lines.rest(), "");
    EXPECT_EQ(lines.take("open"), "");
    EXPECT_EQ(lines.rest(), " 3 | open\n");
    EXPECT_EQ(lines.rest(), "");
}

TEST(NodeLines, WhatIsNoLineAtAllDoesNotWaitForEver) {
    NodeLines lines(0, 1, false);
    const std::string bytes(1 << 20, 'x');
    EXPECT_EQ(lines.take(bytes), "0 | " + bytes + "\n");
}

TEST(NodeLines, NodesDifferByTheirColour) {
    EXPECT_EQ(NodeLines(0, 2, true).take("a\n"), "\x1b[36m0 |\x1b[0m a\n");
    EXPECT_EQ(NodeLines(1, 2, true).take("a\n"), "\x1b[33m1 |\x1b[0m a\n");
}

}  // namespace
}  // namespace dayu::app
