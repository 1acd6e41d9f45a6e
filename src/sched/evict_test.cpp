// Preemption in one pool: whom it takes, and whom it leaves alone.
#include "sched/round/evict.h"

#include <algorithm>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "sched/testing/worlds.h"

namespace dayu::sched {
namespace {

using namespace testing;

using Jobs = std::vector<JobId>;

struct PreemptiblePool {
    PoolView view{pool({.nodes = 2})};
    std::map<JobId, Standing> standings;

    void run(std::uint64_t job, std::vector<std::int64_t> nodes, std::int64_t chips,
             Standing standing = {.may_be_stopped = true}) {
        std::vector<NodeShare> shares;
        for (const std::int64_t node : nodes)
            shares.push_back(
                {.node = node, .chips_milli = chips * 1000, .cpus = 1, .memory_mib = 1024});
        view.start({job}, shares, start_of_tests + hour);
        standing.chips_milli = chips * 1000 * std::ssize(nodes);
        standings[{job}] = standing;
    }
    std::optional<Eviction> want(std::int64_t chips, std::int64_t nodes = 1) const {
        return evict(view, spec({.chips = chips}).resources, nodes,
                     [&](JobId job) { return standings.at(job); });
    }
};

TEST(Evict, TakesAsFewChipsAsItCan) {
    PreemptiblePool pool;
    pool.run(1, {0}, 8);
    pool.run(2, {1}, 4);
    pool.run(3, {1}, 4);
    const auto eviction = pool.want(4);
    ASSERT_TRUE(eviction);
    EXPECT_EQ(eviction->victims.size(), 1U);
    EXPECT_EQ(eviction->nodes[0].node, 1);
    EXPECT_EQ(eviction->chips_milli, 4'000);
}

TEST(Evict, SparesTheMoreImportantAndThenTheLongerRunning) {
    PreemptiblePool pool;
    pool.run(1, {0, 1}, 2, {.may_be_stopped = false});
    pool.run(2, {0}, 3, {.may_be_stopped = true, .importance = 2});
    pool.run(3, {0}, 3, {.may_be_stopped = true, .importance = 1});
    pool.run(4, {1}, 3, {.may_be_stopped = true, .importance = 2, .ran = hour});
    pool.run(5, {1}, 3, {.may_be_stopped = true, .importance = 2});
    const auto eviction = pool.want(3, 2);
    ASSERT_TRUE(eviction);
    EXPECT_EQ(eviction->victims, (Jobs{{3}, {5}}));
}

TEST(Evict, TakesTheNodeWhereTheLeastWorkIsLost) {
    PreemptiblePool pool;
    pool.run(1, {0}, 8, {.may_be_stopped = true, .ran = hour});
    pool.run(2, {1}, 8, {.may_be_stopped = true, .ran = seconds(60)});
    const auto eviction = pool.want(8);
    ASSERT_TRUE(eviction);
    EXPECT_EQ(eviction->victims, Jobs{{2}});
    EXPECT_EQ(eviction->lost, 8'000 * 60'000);
}

TEST(Evict, LeavesAClaimItsPlace) {
    PreemptiblePool pool;
    pool.run(1, {0}, 8, {.may_be_stopped = true, .is_stopping = true});
    pool.run(2, {0}, 8, {});  // the claim that 1 makes room for
    EXPECT_FALSE(pool.want(8, 2));
    pool.run(3, {1}, 8);
    EXPECT_EQ(pool.want(8)->victims, Jobs{{3}});
}

TEST(Evict, LeavesAloneWhatIsNotPreemptible) {
    PreemptiblePool pool;
    pool.run(1, {0}, 8, {.may_be_stopped = false});
    pool.run(2, {1}, 1, {.may_be_stopped = false});
    pool.run(3, {1}, 7);
    EXPECT_FALSE(pool.want(8));
    ASSERT_TRUE(pool.want(7));
    EXPECT_EQ(pool.want(7)->victims, Jobs{{3}});
}

TEST(Evict, WaitsForWhatIsStoppingAnyway) {
    PreemptiblePool pool;
    pool.run(1, {0}, 8, {.may_be_stopped = true, .is_stopping = true});
    pool.run(2, {1}, 8);
    EXPECT_FALSE(pool.want(8)) << "node 0 will be free without us";
    const auto both = pool.want(8, 2);
    ASSERT_TRUE(both);
    EXPECT_EQ(both->victims, Jobs{{2}});
}

TEST(Evict, AGangThatGoesFreesAllItsNodes) {
    PreemptiblePool pool;
    pool.run(1, {0, 1}, 4, {.may_be_stopped = true, .importance = 1});
    pool.run(2, {0}, 4, {.may_be_stopped = true, .importance = 2});
    pool.run(3, {1}, 4, {.may_be_stopped = true, .importance = 2});
    const auto eviction = pool.want(4, 2);
    ASSERT_TRUE(eviction);
    EXPECT_EQ(eviction->victims, Jobs{{1}});
    EXPECT_EQ(eviction->nodes.size(), 2U);
}

TEST(Evict, DoesNotTouchClosedNodesAndThoseSetAside) {
    PreemptiblePool pool;
    pool.run(1, {0}, 8);
    pool.run(2, {1}, 8);
    pool.view.close(0);
    EXPECT_EQ(pool.want(8)->victims, Jobs{{2}});
    pool.view.set_aside(1);
    EXPECT_FALSE(pool.want(8));
}

// --- against counting by hand

// How many nodes would have room without these, and without what is stopping.
std::int64_t nodes_with_room(const PreemptiblePool& pool, const Resources& needs,
                             const Jobs& victims) {
    std::int64_t nodes = 0;
    for (std::int64_t node = 0; node < pool.view.free().size(); ++node) {
        NodeView free = pool.view.free().at(node);
        for (const NodeJob& one : pool.view.jobs_on(node)) {
            if (pool.standings.at(one.job).is_stopping || std::ranges::count(victims, one.job) > 0)
                free = free + one.share;
        }
        nodes += !pool.view.free().is_closed(node) && fits(free, needs) ? 1 : 0;
    }
    return nodes;
}

PreemptiblePool any_pool(std::mt19937& dice) {
    PreemptiblePool made;
    const auto nodes = 1 + static_cast<std::int64_t>(dice() % 4);
    made.view = PoolView(pool({.nodes = nodes}));
    for (std::uint64_t job = 1; job <= 12; ++job) {
        std::vector<std::int64_t> on;
        const auto chips = 1 + static_cast<std::int64_t>(dice() % 5);
        for (std::int64_t node = 0; node < nodes; ++node) {
            if (made.view.free().at(node).free_chips_milli >= chips * 1000 && dice() % 3 == 0)
                on.push_back(node);
        }
        if (on.empty()) continue;
        made.run(job, on, chips,
                 {.may_be_stopped = dice() % 4 > 0,
                  .is_stopping = dice() % 8 == 0,
                  .importance = static_cast<std::int64_t>(dice() % 3),
                  .ran = seconds(dice() % 100)});
    }
    if (dice() % 4 == 0) made.view.close(0);
    return made;
}

void evict_and_compare(std::uint32_t seed) {
    SCOPED_TRACE("sched_test --gtest_filter=Evict.* --gtest_random_seed=" + std::to_string(seed));
    std::mt19937 dice(seed);
    const PreemptiblePool pool = any_pool(dice);
    const auto chips = 1 + static_cast<std::int64_t>(dice() % 8);
    const auto nodes = 1 + static_cast<std::int64_t>(dice() % 3);
    const Resources needs = spec({.chips = chips}).resources;
    const auto eviction = pool.want(chips, nodes);

    Jobs all;
    for (const auto& [job, standing] : pool.standings) {
        if (standing.may_be_stopped && !standing.is_stopping) all.push_back(job);
    }
    const bool is_needed = nodes_with_room(pool, needs, {}) < nodes;
    ASSERT_EQ(eviction.has_value(), is_needed && nodes_with_room(pool, needs, all) >= nodes);
    if (!eviction) return;
    std::int64_t chips_milli = 0;
    for (const JobId victim : eviction->victims) {
        ASSERT_TRUE(std::ranges::count(all, victim)) << "was not to be touched";
        chips_milli += pool.standings.at(victim).chips_milli;
    }
    ASSERT_EQ(eviction->chips_milli, chips_milli);
    // On its own nodes nobody is stopped in vain.
    PreemptiblePool chosen = pool;
    for (std::int64_t node = 0; node < pool.view.free().size(); ++node) {
        if (std::ranges::count(eviction->nodes, node, &NodeShare::node) == 0)
            chosen.view.close(node);
    }
    ASSERT_EQ(nodes_with_room(chosen, needs, eviction->victims), nodes);
    for (const JobId spared : eviction->victims) {
        Jobs others = eviction->victims;
        std::erase(others, spared);
        ASSERT_LT(nodes_with_room(chosen, needs, others), nodes);
    }
}

TEST(Evict, NobodyIsStoppedInVain) {
    const auto first =
        static_cast<std::uint32_t>(::testing::UnitTest::GetInstance()->random_seed());
    for (std::uint32_t seed = first; seed < first + 1'000; ++seed) {
        evict_and_compare(seed);
        if (HasFatalFailure()) return;
    }
}

}  // namespace
}  // namespace dayu::sched
