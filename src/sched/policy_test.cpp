// What every policy must hold, and what tells each from the others.
#include "sched/policy.h"

#include <rapidcheck.h>

#include <algorithm>
#include <limits>

#include <gtest/gtest.h>

#include "sched/testing/worlds.h"
#include "sched/wide.h"

namespace dayu::sched {
namespace {

using namespace testing;

// A pool of eight chips a node, of which so many are free.
FreeNodes nodes_with_chips(const std::vector<std::int64_t>& chips) {
    FreeNodes free(pool({.nodes = std::ssize(chips)}));
    for (std::size_t i = 0; i < chips.size(); ++i) {
        const NodeShare taken{.node = static_cast<std::int64_t>(i),
                              .chips_milli = (8 - chips[i]) * 1000};
        free.take({&taken, 1});
    }
    return free;
}

std::vector<std::int64_t> chosen(std::string_view name, const std::vector<std::int64_t>& chips,
                                 const JobSpec& job) {
    std::vector<std::int64_t> indexes;
    const auto shares =
        find_policy(name)->choose_nodes(nodes_with_chips(chips), job.resources, job.nodes);
    if (!shares) return indexes;
    for (const NodeShare& share : *shares) indexes.push_back(share.node);
    return indexes;
}

using Nodes = std::vector<std::int64_t>;

TEST(Policies, AreFoundByTheNamesThatTheyList) {
    ASSERT_FALSE(policy_names().empty());
    EXPECT_EQ(policy_names().front(), "least-cost");
    for (const std::string_view name : policy_names()) EXPECT_EQ(find_policy(name)->name(), name);
    EXPECT_EQ(find_policy("no-such"), nullptr);
}

TEST(LeastCost, TakesTheTightestNodesAndThenTheFirst) {
    EXPECT_EQ(chosen("least-cost", {8, 4, 6, 4}, spec({.chips = 4})), Nodes{1});
    EXPECT_EQ(chosen("least-cost", {8, 4, 6, 4}, spec({.nodes = 3, .chips = 4})), (Nodes{1, 2, 3}));
}

TEST(Spread, TakesTheEmptiestNodesAndThenTheFirst) {
    EXPECT_EQ(chosen("spread", {4, 8, 6, 8}, spec({.chips = 4})), Nodes{1});
    EXPECT_EQ(chosen("spread", {4, 8, 6, 8}, spec({.nodes = 3, .chips = 4})), (Nodes{1, 2, 3}));
}

TEST(LeastCost, IsPriceAndWaitingAndCarbonAndDataInTheJobsWeights) {
    const Terms terms{
        .wait = hour + hour, .price = yuan_of(80), .moving = yuan_of(3), .carbon_mg = 4'000'000};
    JobSpec job = spec({.chips = 8});
    job.placement.weights = {.wait_per_chip_hour = yuan_of(1), .carbon_per_kg = {100'000}};
    EXPECT_EQ(policy().objective(terms, job), Money{80'000'000 + 3'000'000 + 16'000'000 + 400'000});
    JobSpec cpu_job = spec({.chip = "", .chips = 0});
    cpu_job.resources.cpus = 8;  // waits as one chip
    cpu_job.placement.weights = job.placement.weights;
    EXPECT_EQ(policy().objective(terms, cpu_job),
              Money{80'000'000 + 3'000'000 + 2'000'000 + 400'000});
}

TEST(LeastCost, RunningLongerThanTheShortestWayIsAsWaiting) {
    JobSpec job = spec({.chips = 8});
    job.placement.weights.wait_per_chip_hour = yuan_of(1);
    const Terms terms{
        .wait = hour, .price = yuan_of(80), .longer = hour + hour, .waiting_milli = 4000};
    EXPECT_EQ(policy().objective(terms, job), yuan_of(80 + 3 * 4))
        << "for 4 chips, as for all ways";
}

TEST(LeastCost, TermsPastCountingAreHeldAtTheEnd) {
    const Terms terms{.wait = hour, .price = {std::numeric_limits<std::int64_t>::max()}};
    EXPECT_EQ(policy().objective(terms, spec()), terms.price);
}

TEST(PolicyProperty, AGangIsWholeDistinctAndFits) {
    EXPECT_TRUE(rc::check("choose_nodes", [] {
        const auto chips = *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange(0, 9));
        const auto wanted = *rc::gen::inRange<std::int64_t>(1, 9);
        const auto count = *rc::gen::inRange<std::int64_t>(1, 6);
        const JobSpec job = spec({.nodes = count, .chips = wanted});
        const auto room =
            std::ranges::count_if(chips, [&](std::int64_t free) { return free >= wanted; });
        for (const std::string_view name : policy_names()) {
            Nodes nodes = chosen(name, chips, job);
            RC_ASSERT(std::ssize(nodes) == (room >= count ? count : 0));
            for (const std::int64_t node : nodes) {
                RC_ASSERT(chips[static_cast<std::size_t>(node)] >= wanted);
            }
            std::ranges::sort(nodes);
            RC_ASSERT(std::ranges::adjacent_find(nodes) == nodes.end());
        }
    }));
}

TEST(Wide, RoundsHalfAwayFromZeroAndKnowsItsEnds) {
    EXPECT_EQ(product_over({1, 1}, 2), 1);
    EXPECT_EQ(product_over({-1, 1}, 2), -1);
    EXPECT_EQ(product_over({1, 1}, 3), 0);
    EXPECT_EQ(product_over({INT64_MAX, INT64_MAX}, INT64_MAX), INT64_MAX);
    EXPECT_EQ(product_over({INT64_MAX, 2}, 1), std::nullopt);
    EXPECT_EQ(product_over({INT64_MAX, INT64_MAX, INT64_MAX}, 1), std::nullopt);
    EXPECT_EQ(saturating_sum({INT64_MAX, 1}), INT64_MAX);
    EXPECT_EQ(saturating_sum({1, std::nullopt}), INT64_MAX);
}

}  // namespace
}  // namespace dayu::sched
