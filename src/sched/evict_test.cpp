// Preemption in one pool: whom it takes, and whom it leaves alone.
#include "sched/round/evict.h"

#include <map>

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

}  // namespace
}  // namespace dayu::sched
