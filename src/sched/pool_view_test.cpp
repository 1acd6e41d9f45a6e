// A pool's answers, each held against counting by hand.
#include "sched/pool_view.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "sched/testing/worlds.h"

namespace dayu::sched {
namespace {

using namespace testing;

constexpr Time now = start_of_tests;

Resources needs(std::int64_t chips, std::int64_t cpus = 1) {
    return {.chip = "A100", .chips_milli = chips * 1000, .cpus = cpus, .memory_mib = 1024};
}

NodeShare share(std::int64_t node, std::int64_t chips, std::int64_t cpus = 1) {
    return {.node = node, .chips_milli = chips * 1000, .cpus = cpus, .memory_mib = 1024};
}

void start(PoolView& view, std::uint64_t job, const NodeShare& on, Duration lasts) {
    view.start({job}, {&on, 1}, now + lasts);
}

TEST(PoolView, AGangStartsWhenItsLastNodeIsFree) {
    PoolView view(pool({.nodes = 3}));
    for (std::uint64_t node = 0; node < 3; ++node)
        start(view, node + 1, share(static_cast<std::int64_t>(node), 8),
              seconds(3600 * static_cast<std::int64_t>(node + 1)));
    EXPECT_EQ(view.earliest_start(needs(8), 1, now), now + hour);
    EXPECT_EQ(view.earliest_start(needs(8), 2, now), now + seconds(7200));
    EXPECT_EQ(view.earliest_start(needs(8), 3, now), now + seconds(10800));
    EXPECT_EQ(view.earliest_start(needs(8), 4, now), std::nullopt);
    view.close(0);
    EXPECT_EQ(view.earliest_start(needs(8), 1, now), now + seconds(7200));
    EXPECT_EQ(view.earliest_start(needs(8), 3, now), std::nullopt);
    view.open(0);
    const NodeShare first = share(0, 8);
    view.finish({1}, {&first, 1});
    EXPECT_EQ(view.earliest_start(needs(8), 1, now), now);
    EXPECT_EQ(view.earliest_start(needs(8), 2, now), now + seconds(7200));
}

TEST(PoolView, APartOfANodeIsFreeBeforeTheWhole) {
    PoolView view(pool());
    start(view, 1, share(0, 4), hour);
    start(view, 2, share(0, 4), seconds(7200));
    EXPECT_EQ(view.earliest_start(needs(3), 1, now), now + hour);
    EXPECT_EQ(view.earliest_start(needs(5), 1, now), now + seconds(7200));
}

TEST(PoolView, CpusAndMemoryCountAsPartsOfANode) {
    PoolView view(pool());  // 64 CPUs, 8 chips
    start(view, 1, share(0, 1, 60), hour);
    EXPECT_TRUE(view.starts_now(needs(7, 4), 1));
    EXPECT_EQ(view.earliest_start(needs(1, 8), 1, now), now + hour);
}

TEST(PoolView, ANodeWithoutChipsHasPartsToo) {
    PoolView view(pool({.chip = "", .chips_per_node = 0}));  // 64 CPUs in eight parts
    start(view, 1, share(0, 0, 40), hour);
    start(view, 2, share(0, 0, 20), seconds(7200));
    EXPECT_EQ(view.earliest_start(needs(0, 4), 1, now), now);
    EXPECT_EQ(view.earliest_start(needs(0, 40), 1, now), now + hour);
    EXPECT_EQ(view.earliest_start(needs(0, 45), 1, now), now + seconds(7200));
}

TEST(PoolView, AnAnswerIsTrueAfterAnyNumberOfChanges) {
    PoolView view(pool({.nodes = 2}));
    start(view, 1, share(0, 8), hour);
    start(view, 2, share(1, 8), seconds(7200));
    for (std::uint64_t changes = 1; changes < 10; ++changes) {
        EXPECT_EQ(view.earliest_start(needs(8), 2, now), now + seconds(7200));
        for (std::uint64_t i = 0; i < changes; ++i) {
            const NodeShare second = share(1, 8);
            view.finish({2 + i}, {&second, 1});
            start(view, 3 + i, second, seconds(60));
        }
        EXPECT_EQ(view.earliest_start(needs(8), 2, now), now + hour);
        const NodeShare second = share(1, 8);
        view.finish({2 + changes}, {&second, 1});
        start(view, 2, second, seconds(7200));
    }
}

TEST(PoolView, WhatIsOverdueEndsSoon) {
    PoolView view(pool());
    start(view, 1, share(0, 8), seconds(-100));
    EXPECT_EQ(view.earliest_start(needs(1), 1, now), now + overdue_grace);
    EXPECT_EQ(view.earliest_start(needs(1), 1, now + hour), now + hour + overdue_grace);
}

TEST(PoolView, AClaimIsReadyWhenAllItWaitedForHasGone) {
    PoolView view(pool());
    const NodeShare six = share(0, 6), four = share(0, 4);
    view.start({1}, {&six, 1}, now + hour);
    view.start({2}, {&four, 1}, now + hour);
    EXPECT_FALSE(view.is_ready({&four, 1}));
    view.finish({1}, {&six, 1});
    EXPECT_TRUE(view.is_ready({&four, 1}));
    view.close(0);
    EXPECT_FALSE(view.is_ready({&four, 1}));
}

TEST(PoolView, EqualIsWhatIsSoAndNotHowItWasFound) {
    PoolView view(pool({.nodes = 2}));
    const PoolView before = view;
    start(view, 1, share(1, 3), hour);
    EXPECT_FALSE(view == before);
    EXPECT_EQ(view.earliest_start(needs(8), 2, now), now + hour);
    const NodeShare one = share(1, 3);
    view.finish({1}, {&one, 1});
    EXPECT_TRUE(view == before);
    EXPECT_NE(view.version(), before.version());
}

// --- against counting by hand

// The nodes of a gang by looking at all of them: the fullest that have room, or the emptiest; the first of equals.
std::optional<std::vector<NodeShare>> chosen_by_hand(const FreeNodes& free, const Resources& wanted,
                                                     std::int64_t nodes, bool emptiest) {
    std::vector<std::pair<NodeView, std::int64_t>> room;
    for (std::int64_t node = 0; node < free.size(); ++node) {
        if (!free.is_closed(node) && !free.is_aside(node) && fits(free.at(node), wanted))
            room.emplace_back(free.at(node), node);
    }
    if (std::ssize(room) < nodes) return std::nullopt;
    std::ranges::sort(room, [&](const auto& a, const auto& b) {
        if (a.first != b.first) return emptiest ? b.first < a.first : a.first < b.first;
        return a.second < b.second;
    });
    std::vector<NodeShare> shares;
    for (std::int64_t i = 0; i < nodes; ++i)
        shares.push_back(share_of(room[static_cast<std::size_t>(i)].second, wanted));
    std::ranges::sort(shares, {}, &NodeShare::node);
    return shares;
}

void compare_choices(PoolView& view, const Resources& wanted, std::int64_t gang,
                     std::int64_t aside) {
    view.set_aside(aside);
    for (const char* name : {"least-cost", "spread"}) {
        ASSERT_EQ(find_policy(name)->choose_nodes(view.free(), wanted, gang),
                  chosen_by_hand(view.free(), wanted, gang, std::string(name) == "spread"))
            << name;
    }
    view.put_back(aside);
}

struct Running {
    JobId job;
    NodeShare on;
    Time until;
};

std::int64_t parts(std::int64_t amount, std::int64_t whole) {
    return amount < 0 ? -1 : amount * 8 / whole;
}

// What nodes_by_time() promises, from the definition.
std::optional<Time> by_hand(const PoolView& view, const std::vector<Running>& running,
                            const Resources& wanted, std::int64_t nodes, Time at) {
    std::vector<Time> starts;
    for (std::int64_t node = 0; node < view.free().size(); ++node) {
        if (view.free().is_closed(node)) continue;
        if (fits(view.free().at(node), wanted)) {
            starts.push_back(at);
            continue;
        }
        std::vector<Time> times;
        for (const Running& one : running) {
            if (one.on.node == node) times.push_back(expected_end(one.until, at));
        }
        std::ranges::sort(times);
        for (const Time time : times) {
            const NodeView free = view.free_at(node, time, at);
            const std::int64_t level =
                std::min({parts(free.free_chips_milli, 8'000), parts(free.free_cpus, 64),
                          parts(free.free_memory_mib, 524'288)});
            const std::int64_t needed = std::max({(wanted.chips_milli * 8 + 7'999) / 8'000,
                                                  (wanted.cpus * 8 + 63) / 64, std::int64_t{1}});
            if (level < needed) continue;
            starts.push_back(time);
            break;
        }
    }
    std::ranges::sort(starts);
    if (std::ssize(starts) < nodes) return std::nullopt;
    return starts[static_cast<std::size_t>(nodes - 1)];
}

void live_and_compare(std::uint32_t seed) {
    SCOPED_TRACE(
        "seed " + std::to_string(seed) +
        ": sched_test --gtest_filter=PoolView.* --gtest_random_seed=" + std::to_string(seed));
    std::mt19937 dice(seed);
    const auto below = [&](std::int64_t end) {
        return static_cast<std::int64_t>(dice() % static_cast<std::uint32_t>(end));
    };
    const std::int64_t nodes = 1 + below(40);
    PoolView view(pool({.nodes = nodes}));
    std::vector<Running> running;
    for (std::uint64_t step = 1; step <= 200; ++step) {
        const std::int64_t node = below(nodes);
        const std::int64_t what = below(10);
        if (what < 5) {
            const Resources wanted = needs(1 + below(4), 1 + below(20));
            if (!fits(view.free().at(node), wanted)) continue;
            running.push_back({{step}, share_of(node, wanted), now + seconds(below(50) * 10 - 20)});
            view.start({step}, {&running.back().on, 1}, running.back().until);
        } else if (what < 8 && !running.empty()) {
            const auto gone = running.begin() + below(std::ssize(running));
            view.finish(gone->job, {&gone->on, 1});
            running.erase(gone);
        } else if (what == 8) {
            view.close(node);
        } else {
            view.open(node);
        }
        const Resources wanted = needs(1 + below(8), 1 + below(30));
        const std::int64_t gang = 1 + below(nodes);
        const Time at = now + seconds(below(100));
        std::int64_t room = 0;
        for (std::int64_t n = 0; n < nodes; ++n)
            room += !view.free().is_closed(n) && fits(view.free().at(n), wanted) ? 1 : 0;
        ASSERT_EQ(view.free().count(wanted, nodes), room);
        // Not always: so that now and then more has changed than there are nodes.
        if (below(10) > 0) {
            ASSERT_EQ(view.earliest_start(wanted, gang, at),
                      by_hand(view, running, wanted, gang, at));
        }
        compare_choices(view, wanted, gang, below(nodes));
        if (::testing::Test::HasFatalFailure()) return;
    }
}

TEST(PoolView, AnswersAsCountingByHandDoes) {
    const auto first =
        static_cast<std::uint32_t>(::testing::UnitTest::GetInstance()->random_seed());
    for (std::uint32_t seed = first; seed < first + 50; ++seed) {
        live_and_compare(seed);
        if (HasFatalFailure()) return;
    }
}

}  // namespace
}  // namespace dayu::sched
