// Rounds: who gets a place, who waits for which, and that nothing is ever given twice.
#include "sched/decide.h"

#include <rapidcheck.h>

#include <algorithm>

#include <gtest/gtest.h>

#include "sched/testing/worlds.h"

namespace dayu::sched {
namespace {

using namespace testing;

constexpr Time now = start_of_tests;

World one_center(std::int64_t nodes) {
    World world;
    world.put_chip(chip("A100"));
    world.put_center({1}, center("wuhan", {pool({.nodes = nodes})}), {});
    return world;
}

std::vector<std::uint64_t> placed(const Decisions& decisions) {
    std::vector<std::uint64_t> jobs;
    for (const ClassDecision& one : decisions.classes) {
        for (const Placement& placement : one.placements) jobs.push_back(placement.job.value);
    }
    std::ranges::sort(jobs);
    return jobs;
}

using Jobs = std::vector<std::uint64_t>;

TEST(Decide, AnEmptyWorldDecidesNothing) {
    World world;
    const Decisions decisions = decide(world, policy(), now);
    EXPECT_TRUE(decisions.classes.empty());
    EXPECT_FALSE(decisions.unfinished);
    EXPECT_EQ(decisions.wake_at, std::nullopt);
}

TEST(Decide, APlacementPointsAtTheCandidateItTook) {
    World world = one_center(2);
    world.put_center({2}, center("guiyang", {pool({.yuan_per_chip_hour = 9})}), {});
    world.put_shape({1}, spec());
    for (std::uint64_t job = 1; job <= 3; ++job) world.enqueue(queued(job, 1));
    const Decisions decisions = decide(world, policy(), now);
    ASSERT_EQ(decisions.classes.size(), 1U);
    const ClassDecision& one = decisions.classes[0];
    EXPECT_EQ(one.table.shape, ShapeId{1});
    ASSERT_EQ(one.placements.size(), 3U);
    EXPECT_EQ(one.placements[0].job, JobId{1});
    EXPECT_EQ(one.table.candidates[one.placements[0].candidate].center_name, "guiyang");
    EXPECT_EQ(one.placements[0].price_at_most, yuan_of(72));
    EXPECT_EQ(one.table.candidates[one.placements[1].candidate].center_name, "wuhan");
    EXPECT_EQ(one.placements[1].nodes[0].node, 0);
    EXPECT_EQ(one.placements[2].nodes[0].node, 1);
}

TEST(Decide, FirstComeFirstServedOverClasses) {
    World world = one_center(1);
    world.put_shape({1}, spec());
    world.put_shape({2}, spec({.hours = 2}));
    world.enqueue(queued(2, 1));
    world.enqueue(queued(1, 2));
    EXPECT_EQ(placed(decide(world, policy(), now)), Jobs{1});
}

TEST(Decide, AGangIsPlacedWholeOrNotAtAll) {
    World world = one_center(4);
    world.occupy(running(9, 1, 2, now + hour));
    world.put_shape({1}, spec({.nodes = 4}));
    world.enqueue(queued(1, 1));
    EXPECT_TRUE(decide(world, policy(), now).classes.empty());
    world.vacate({9});
    const Decisions decisions = decide(world, policy(), now);
    ASSERT_EQ(placed(decisions), Jobs{1});
    EXPECT_EQ(decisions.classes[0].placements[0].nodes.size(), 4U);
}

// Small jobs used to slip in for ever while a gang waited for the whole pool.
TEST(Decide, NobodyOvertakesAGangThatItWouldDelay) {
    World world = one_center(2);
    world.occupy(running(9, 1, 0, now + hour));
    world.put_shape({1}, spec({.nodes = 2}));
    world.put_shape({2}, spec({.hours = 2}));
    world.put_shape({3}, spec({.hours = 1}));
    world.enqueue(queued(1, 1));
    world.enqueue(queued(2, 2));  // would hold its node for two hours
    world.enqueue(queued(3, 3));  // is gone when the gang starts
    EXPECT_EQ(placed(decide(world, policy(), now)), Jobs{3});
}

TEST(Decide, AJobWaitsForTheOfferThatIsWorthIt) {
    World world = one_center(1);
    world.put_center({2}, center("dear", {pool({.nodes = 8, .yuan_per_chip_hour = 13})}), {});
    world.occupy(running(9, 1, 0, now + hour));
    world.put_shape({1}, spec());
    // Waiting one hour costs 8 yuan and saves 24; three hours are as dear as starting now, a fourth dearer.
    for (std::uint64_t job = 1; job <= 6; ++job) world.enqueue(queued(job, 1));
    EXPECT_EQ(placed(decide(world, policy(), now)), (Jobs{4, 5, 6}));
}

TEST(Decide, MaxPriceBoundsTheSumOverAttempts) {
    World world = one_center(2);
    JobSpec bounded = spec();
    bounded.placement.max_price = yuan_of(100);
    world.put_shape({1}, bounded);
    QueuedJob retried = queued(1, 1);
    retried.spent = yuan_of(21);
    world.enqueue(retried);
    world.enqueue(queued(2, 1));
    EXPECT_EQ(placed(decide(world, policy(), now)), Jobs{2});
    retried.spent = yuan_of(20);
    world.enqueue(retried);
    EXPECT_EQ(placed(decide(world, policy(), now)), (Jobs{1, 2}));
}

TEST(Decide, WhatTimeHoldsBackIsPassedOverAndWokenFor) {
    World world = one_center(2);
    world.put_shape({1}, spec());
    QueuedJob delayed = queued(1, 1);
    delayed.not_before = now + seconds(10);
    world.enqueue(delayed);
    world.enqueue(queued(2, 1));
    const Decisions early = decide(world, policy(), now);
    EXPECT_EQ(placed(early), Jobs{2});
    EXPECT_EQ(early.wake_at, now + seconds(10));
    const Decisions due = decide(world, policy(), now + seconds(10));
    EXPECT_EQ(placed(due), (Jobs{1, 2}));
    EXPECT_EQ(due.wake_at, std::nullopt);
}

TEST(Decide, NothingStartsAtAnUnreachableCentre) {
    World world = one_center(1);
    world.put_shape({1}, spec());
    world.enqueue(queued(1, 1));
    world.put_center({1}, world.centers().at({1}).center, out_of_contact());
    EXPECT_TRUE(decide(world, policy(), now).classes.empty());
}

TEST(Decide, StopsWhenItsWorkIsDoneAndSaysSo) {
    World world = one_center(8);
    world.put_shape({1}, spec());
    world.put_shape({2}, spec({.hours = 2}));
    for (std::uint64_t job = 1; job <= 6; ++job) world.enqueue(queued(job, 1 + job % 2));
    const Decisions few = decide(world, policy(), now, {.classes = 256, .placements = 4});
    EXPECT_EQ(placed(few), (Jobs{1, 2, 3, 4}));
    EXPECT_TRUE(few.unfinished);
    const Decisions one_class = decide(world, policy(), now, {.classes = 1, .placements = 4096});
    EXPECT_EQ(placed(one_class), Jobs{1});
    EXPECT_TRUE(one_class.unfinished);
    EXPECT_FALSE(decide(world, policy(), now).unfinished);
}

// --- Random worlds -------------------------------------------------------------------------------------

struct RandomWorld {
    std::vector<Center> centers;
    std::vector<JobSpec> shapes;
    std::vector<QueuedJob> jobs;
};

RandomWorld any_world() {
    RandomWorld any;
    const auto pick = [](std::int64_t from, std::int64_t to) {
        return *rc::gen::inRange(from, to + 1);
    };
    for (std::int64_t i = pick(1, 4); i > 0; --i) {
        std::vector<Pool> pools;
        for (std::int64_t p = pick(1, 2); p > 0; --p) {
            pools.push_back(pool({.name = "p" + std::to_string(p),
                                  .chip = pick(0, 1) ? "A100" : "H20",
                                  .nodes = pick(1, 4),
                                  .chips_per_node = pick(1, 8),
                                  .cpus_per_node = pick(1, 16),
                                  .yuan_per_chip_hour = pick(1, 20)}));
        }
        any.centers.push_back(center("c" + std::to_string(i), std::move(pools)));
    }
    for (std::int64_t i = pick(1, 5); i > 0; --i) {
        JobSpec one = spec({.chip = pick(0, 1) ? "A100" : "H20",
                            .nodes = pick(1, 3),
                            .chips = pick(1, 8),
                            .hours = pick(1, 9)});
        if (pick(0, 3) == 0) one.placement.max_price = yuan_of(pick(1, 500));
        any.shapes.push_back(one);
    }
    for (std::int64_t i = pick(0, 30); i > 0; --i) {
        QueuedJob job = queued(static_cast<std::uint64_t>(i),
                               static_cast<std::uint32_t>(pick(1, std::ssize(any.shapes))));
        job.spent = yuan_of(pick(0, 3) ? 0 : pick(0, 99));
        if (pick(0, 5) == 0) job.not_before = now + seconds(pick(0, 100));
        any.jobs.push_back(job);
    }
    return any;
}

World build(const RandomWorld& any) {
    World world;
    for (const char* name : {"A100", "H20"}) world.put_chip(chip(name));
    for (std::size_t i = 0; i < any.centers.size(); ++i) {
        world.put_center({static_cast<std::uint32_t>(i + 1)}, any.centers[i], {});
    }
    for (std::size_t i = 0; i < any.shapes.size(); ++i) {
        world.put_shape({static_cast<std::uint32_t>(i + 1)}, any.shapes[i]);
    }
    for (const QueuedJob& job : any.jobs) world.enqueue(job);
    return world;
}

// What control does with a round, in short.
std::vector<RunningJob> apply(World& world, const Decisions& decisions, Time at) {
    std::vector<RunningJob> started;
    for (const ClassDecision& one : decisions.classes) {
        const JobSpec& job_spec = world.spec_of(one.table.shape);
        for (const Placement& placement : one.placements) {
            const Candidate& candidate = one.table.candidates.at(placement.candidate);
            RC_ASSERT(!candidate.refusal);
            RC_ASSERT(candidate.start == at);
            RC_ASSERT(candidate.price == placement.price_at_most);
            world.dequeue(placement.job);
            started.push_back({.job = placement.job,
                               .center = candidate.center,
                               .pool = candidate.pool,
                               .nodes = placement.nodes,
                               .until = at + job_spec.time_limit});
            world.occupy(started.back());
        }
    }
    return started;
}

void check_capacity(const World& world) {
    for (const auto& [id, one] : world.centers()) {
        for (const auto& [name, view] : one.pools) {
            for (std::int64_t node = 0; node < view.free().size(); ++node) {
                RC_ASSERT(view.free().at(node).free_chips_milli >= 0);
                RC_ASSERT(view.free().at(node).free_cpus >= 0);
                RC_ASSERT(view.free().at(node).free_memory_mib >= 0);
            }
        }
    }
}

void check_gangs(const World& world, const std::vector<RunningJob>& started,
                 const RandomWorld& any) {
    for (const RunningJob& job : started) {
        const auto queued_job = std::ranges::find(any.jobs, job.job, &QueuedJob::job);
        const JobSpec& wanted = world.spec_of(queued_job->shape);
        RC_ASSERT(std::ssize(job.nodes) == wanted.nodes);
        std::set<std::int64_t> distinct;
        for (const NodeShare& share : job.nodes) {
            distinct.insert(share.node);
            RC_ASSERT(share.chips_milli == wanted.resources.chips_milli);
        }
        RC_ASSERT(std::ssize(distinct) == wanted.nodes);
    }
}

bool same(const Decisions& a, const Decisions& b) {
    const auto same_placement = [](const Placement& x, const Placement& y) {
        return x.job == y.job && x.candidate == y.candidate && x.nodes == y.nodes &&
               x.price_at_most == y.price_at_most;
    };
    const auto same_class = [&](const ClassDecision& x, const ClassDecision& y) {
        return x.table == y.table && std::ranges::equal(x.placements, y.placements, same_placement);
    };
    return a.unfinished == b.unfinished && a.wake_at == b.wake_at &&
           std::ranges::equal(a.classes, b.classes, same_class);
}

TEST(DecideProperty, TheOrderOfFeedingDoesNotMatter) {
    EXPECT_TRUE(rc::check("equal worlds decide equally", [] {
        RandomWorld any = any_world();
        World first = build(any);
        std::ranges::reverse(any.jobs);
        const auto turn = *rc::gen::inRange<std::size_t>(0, any.jobs.size() + 1);
        std::rotate(any.jobs.begin(), any.jobs.begin() + static_cast<std::ptrdiff_t>(turn),
                    any.jobs.end());
        World second = build(any);
        for (const QueuedJob& job : any.jobs) second.enqueue(job);
        RC_ASSERT(first == second);
        for (const std::string_view name : policy_names()) {
            const Policy& one = *find_policy(name);
            RC_ASSERT(same(decide(first, one, now), decide(second, one, now)));
        }
    }));
}

TEST(DecideProperty, CapacityIsNeverExceededAndEveryJobThatCanRunDoes) {
    EXPECT_TRUE(rc::check("rounds and ends in any order", [] {
        const RandomWorld any = any_world();
        const Policy& one = *find_policy(*rc::gen::elementOf(policy_names()));
        World world = build(any);
        std::vector<RunningJob> running_jobs;
        Time at = now;
        const auto end_some = [&](auto&& ends) {
            std::erase_if(running_jobs, [&](const RunningJob& job) {
                if (!ends(job)) return false;
                world.vacate(job.job);
                return true;
            });
        };
        for (int round = 0; round < 1000; ++round) {
            const Decisions decisions = decide(world, one, at, {.classes = 2, .placements = 3});
            const auto started = apply(world, decisions, at);
            check_capacity(world);
            check_gangs(world, started, any);
            running_jobs.insert(running_jobs.end(), started.begin(), started.end());
            if (decisions.unfinished) continue;
            if (running_jobs.empty() && !decisions.wake_at) break;
            at = at + seconds(*rc::gen::inRange(1, 7200));
            end_some([&](const RunningJob& job) {
                return job.until <= at || *rc::gen::inRange(0, 4) == 0;
            });
        }
        // Who still waits could not run or could not pay: nobody starved.
        world.waiting().visit_jobs([&](JobId id) {
            const QueuedJob job = *world.find_queued(id);
            const JobSpec& wanted = world.spec_of(job.shape);
            const CandidateTable table = weigh(world, one, wanted, at);
            const std::optional<Money>& max_price = wanted.placement.max_price;
            for (const Candidate& candidate : table.candidates) {
                if (candidate.refusal) continue;
                RC_ASSERT(max_price.has_value());
                RC_ASSERT(*max_price < *add(candidate.price, job.spent));
            }
        });
    }));
}

}  // namespace
}  // namespace dayu::sched
