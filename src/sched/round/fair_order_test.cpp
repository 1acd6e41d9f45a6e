// Turns by fair share: the tree decides level by level.
#include "sched/round/fair_order.h"

#include <map>
#include <string>

#include <gtest/gtest.h>

#include "sched/testing/worlds.h"

namespace dayu::sched {
namespace {

using namespace testing;

// `rounds` times one yuan an hour to whose turn it is.
std::map<std::string, int> divided(QueueTree& tree, const std::vector<std::string>& paths,
                                   int rounds) {
    std::vector<FairOrder::Entrant> entrants;
    for (const std::string& path : paths)
        entrants.push_back({tree.queue(path), {start_of_tests, {entrants.size() + 1}}});
    const auto past = tree.past(start_of_tests);
    FairOrder order(tree.use(), past, entrants);
    std::map<std::string, int> given;
    for (int i = 0; i < rounds; ++i) {
        ++given[tree.path(*order.next())];
        order.charge(yuan_of(1));
    }
    return given;
}

using Given = std::map<std::string, int>;

TEST(FairOrder, SiblingsShareByWeight) {
    QueueTree tree;
    tree.describe({.path = "b", .weight_milli = 3000, .quotas = {}});
    EXPECT_EQ(divided(tree, {"a", "b"}, 400), (Given{{"a", 100}, {"b", 300}}));
}

TEST(FairOrder, EachLevelSharesForItself) {
    QueueTree tree;
    EXPECT_EQ(divided(tree, {"a/1", "a/2", "b/1"}, 400),
              (Given{{"a/1", 100}, {"a/2", 100}, {"b/1", 200}}));
    // A queue's own jobs stand beside the queues below it.
    EXPECT_EQ(divided(tree, {"a", "a/1", "b"}, 400), (Given{{"a", 100}, {"a/1", 100}, {"b", 200}}));
}

TEST(FairOrder, WhatIsInUseAndWasUsedCounts) {
    QueueTree tree;
    tree.take(tree.queue("a"), {}, 0, yuan_of(100));
    EXPECT_EQ(divided(tree, {"a", "b"}, 300), (Given{{"a", 100}, {"b", 200}}));
    QueueTree past;
    past.put_usage("a", yuan_of(24'237), start_of_tests);  // 100 an hour in the mean
    const Given given = divided(past, {"a", "b"}, 300);
    EXPECT_NEAR(given.at("a"), 100, 1);
}

TEST(FairOrder, OfEqualSharesTheFirstToWaitGoesFirst) {
    QueueTree tree;
    const std::vector<FairOrder::Entrant> entrants{{tree.queue("a"), {start_of_tests + hour, {1}}},
                                                   {tree.queue("b"), {start_of_tests, {2}}}};
    const auto past = tree.past(start_of_tests);
    FairOrder order(tree.use(), past, entrants);
    EXPECT_EQ(order.next(), tree.find("b"));
    order.drop();
    EXPECT_EQ(order.next(), tree.find("a"));
    order.drop();
    EXPECT_EQ(order.next(), std::nullopt);
}

}  // namespace
}  // namespace dayu::sched
