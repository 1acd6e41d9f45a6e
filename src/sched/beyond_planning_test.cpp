// Jobs that want a cheap pool that is full, more of them than a round can plan, while a dear one is free: each waits as long as
// that is worth it by its own weights, as those that are planned do.
#include <gtest/gtest.h>

#include "sched/decide.h"
#include "sched/testing/worlds.h"

namespace dayu::sched {
namespace {

using namespace testing;

constexpr Time now = start_of_tests;

// An hour of waiting costs a job of eight chips eight yuan, and it runs for an hour: one yuan more for a chip-hour is
// worth an hour of waiting.
JobSpec an_hour() {
    JobSpec one = spec();
    one.placement.weights.wait_per_chip_hour = yuan_of(1);
    return one;
}

// Its one node is free in an hour.
void put_cheap(World& world, std::uint32_t id) {
    world.put_center({id}, center("cheap" + std::to_string(id)), {});
    world.occupy(running(1'000'000 + id, id, 0, now + hour));
}

void put_dear(World& world, std::int64_t more) {
    const Pool main = pool({.nodes = 2000, .yuan_per_chip_hour = 10 + more});
    world.put_center({1}, center("dear", {main}), {});
}

void put_jobs(World& world, std::uint32_t shape, std::uint64_t first, std::uint64_t jobs) {
    for (std::uint64_t job = first; job < first + jobs; ++job)
        world.enqueue({.job = {job}, .shape = {shape}, .queue = "acme/poems"});
}

std::vector<JobId> placed(const Decisions& decisions) {
    std::vector<JobId> placed;
    for (const ClassDecision& one : decisions.classes) {
        for (const Placement& placement : one.placements) placed.push_back(placement.job);
    }
    return placed;
}

// Which of them is the first to start where it is dear. The others start where it is cheap, one an hour.
std::int64_t first_to_leave(std::int64_t hours_worth_waiting) {
    World world;
    world.put_chip(chip("A100"));
    put_cheap(world, 2);
    put_dear(world, hours_worth_waiting);
    world.put_shape({1}, an_hour());
    put_jobs(world, 1, 1, 2000);
    const std::vector<JobId> started = placed(decide(world, policy(), now));
    return started.empty() ? 0 : static_cast<std::int64_t>(started.front().value);
}

TEST(BeyondPlanning, EachWaitsAsLongAsThatIsWorthIt) {
    EXPECT_EQ(first_to_leave(30), 30);
    EXPECT_EQ(first_to_leave(64), 64);
    EXPECT_EQ(first_to_leave(65), 65);
    EXPECT_EQ(first_to_leave(100), 100);
    const std::int64_t after_many = first_to_leave(1000);  // they were counted some at once
    EXPECT_GE(after_many, 1000);
    EXPECT_LE(after_many, 1000 + 1000 / 64);
    EXPECT_EQ(first_to_leave(5000), 0);
}

TEST(BeyondPlanning, NobodyPaysMoreThanItMay) {
    World world;
    world.put_chip(chip("A100"));
    put_cheap(world, 2);
    put_dear(world, 10);  // 160 yuan an hour for eight chips
    JobSpec one = an_hour();
    one.placement.max_price = yuan_of(159);
    world.put_shape({1}, one);
    put_jobs(world, 1, 1, 200);
    EXPECT_TRUE(placed(decide(world, policy(), now)).empty());
    one.placement.max_price = yuan_of(160);
    world.put_shape({2}, one);
    put_jobs(world, 2, 1001, 200);
    EXPECT_FALSE(placed(decide(world, policy(), now)).empty());
}

// More than a round lets wait over all pools: then they are thought to wait as long as jobs do in the mean.
TEST(BeyondPlanning, WhomARoundNoLongerCountsDoesNotPayAnyPriceEither) {
    constexpr std::uint32_t pools = 40;
    for (const std::int64_t hours_worth_waiting : {200, 1}) {
        World world;
        world.put_chip(chip("A100"));
        put_dear(world, hours_worth_waiting);
        for (std::uint32_t id = 2; id < 2 + pools; ++id) {
            put_cheap(world, id);
            JobSpec one = an_hour();
            one.placement.regions = {"cn/test/dear", "cn/test/cheap" + std::to_string(id)};
            world.put_shape({id}, one);
            put_jobs(world, id, id * 1000, 100);
        }
        const std::size_t started = placed(decide(world, policy(), now)).size();
        EXPECT_EQ(started, hours_worth_waiting == 200 ? 0u : 2000u);
    }
}

}  // namespace
}  // namespace dayu::sched
