// Traces small enough to be replayed by hand, and streams by chance on which no rule may break.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include <gtest/gtest.h>

#include "sim/random.h"
#include "sim/replay/shapes.h"
#include "sim/run.h"
#include "sim/testing/worlds.h"

namespace dayu::sim {
namespace {

constexpr std::int64_t hour_s = 3600;

Chip chip() {
    Chip one;
    one.name = "A100";
    one.power_w = 400;
    return one;
}

// One pool of `nodes` of four chips at 10 yuan a chip-hour, and limits that are the durations themselves.
WorldFile world_of(std::int64_t nodes) {
    return testing::world_of(chip(),
                             {.nodes = nodes,
                              .chips_per_node = 4,
                              .cpus_per_node = 32,
                              .memory_mib_per_node = 65'536,
                              .price_per_chip_hour = {10 * micro_yuan_per_yuan},
                              .price_per_cpu_hour = {1 * micro_yuan_per_yuan}},
                             {.pue_milli = 1250, .grid_mg_per_kwh = 500'000, .source = "test"});
}

struct Asked {
    std::int64_t arrival_s = 0;
    std::int64_t duration_s = 0;
    std::int64_t chips = 1;
    std::uint32_t project = 0;
};

Trace trace_of(const std::vector<Asked>& jobs) {
    Trace trace{.jobs = {}, .projects = {"a", "b"}};
    for (const Asked& job : jobs) {
        trace.jobs.push_back({.arrival_s = job.arrival_s,
                              .duration_s = job.duration_s,
                              .chips_milli = job.chips * 1000,
                              .project = job.project});
    }
    std::ranges::sort(trace.jobs);
    return trace;
}

const sched::Policy& policy() { return *sched::find_policy("least-cost"); }

RunReport replay(const WorldFile& world, const Trace& trace, std::uint64_t seed = 0) {
    return run(world, trace, {.policy = policy(), .seed = seed});
}

TEST(LiveReplay, OneNodeIsSharedAndThenWaitedFor) {
    // The first takes three chips, the second the fourth; the third waits for all four.
    const RunReport report =
        replay(world_of(1), trace_of({{.duration_s = 100, .chips = 3},
                                      {.arrival_s = 10, .duration_s = 50},
                                      {.arrival_s = 20, .duration_s = 30, .chips = 4}}));
    EXPECT_EQ(report.completed, 3);
    EXPECT_DOUBLE_EQ(report.makespan_s, 130);
    EXPECT_DOUBLE_EQ(report.jct_mean_s, (100 + 50 + 110) / 3.0);
    EXPECT_DOUBLE_EQ(report.wait_mean_s, 80 / 3.0);
    EXPECT_DOUBLE_EQ(report.wait_p999_s, 80);
    EXPECT_DOUBLE_EQ(report.utilisation, (300 + 50 + 120) / (4 * 130.0));
    EXPECT_EQ(report.events, 9);
}

TEST(LiveReplay, ReportsQuantilesSlowdownsFairnessAndDeadlines) {
    // At 100 the project that has had nothing goes first, though its job came last.
    WorldFile world = world_of(1);
    world.jobs.deadline_slack = seconds(60);
    const RunReport report =
        replay(world, trace_of({{.duration_s = 100, .chips = 4},
                                {.arrival_s = 10, .duration_s = 100, .chips = 4},
                                {.arrival_s = 20, .duration_s = 50, .chips = 4, .project = 1}}));
    EXPECT_DOUBLE_EQ(report.wait_p50_s, 80);
    EXPECT_DOUBLE_EQ(report.wait_p90_s, 140);
    EXPECT_DOUBLE_EQ(report.slowdown_mean, (1 + 2.4 + 2.6) / 3);
    EXPECT_DOUBLE_EQ(report.slowdown_p50, 2.4);
    // With half of the chips each: 200 s, 390 s behind it, and 100 s.
    EXPECT_NEAR(report.finish_ratio_mean, (100 / 200. + 240 / 390. + 130 / 100.) / 3, 1e-9);
    EXPECT_DOUBLE_EQ(report.finish_ratio_worst, 1.3);
    EXPECT_NEAR(report.unfair_pct, 100 / 3., 1e-9);
    EXPECT_NEAR(report.jain_index, 4.3 * 4.3 / (2 * (1.7 * 1.7 + 2.6 * 2.6)), 1e-9);
    EXPECT_EQ(report.deadline_misses, 2);
}

TEST(LiveReplay, WhatIsIdleAndTooSmallForTheJobsIsFragmented) {
    // For a bit more than two hours, three chips of one node are taken, and most jobs want two: the fourth is of use to
    // the single one alone. The other node is whole.
    const RunReport report = replay(
        world_of(2), trace_of({{.duration_s = 3 * hour_s, .chips = 3},
                               {.duration_s = 10},
                               {.duration_s = 10, .chips = 2},
                               {.arrival_s = 2 * hour_s + 1, .duration_s = 10, .chips = 2}}));
    EXPECT_EQ(report.completed, 4);
    EXPECT_DOUBLE_EQ(report.fragmentation, 0.75 / 5);
}

TEST(LiveReplay, JobsOfTheWarmUpHoldPlacesAndCountForNothing) {
    WorldFile world = world_of(1);
    world.warm_up = seconds(50);
    const RunReport report =
        replay(world, trace_of({{.duration_s = 100, .chips = 4},
                                {.duration_s = 10, .chips = 5},
                                {.arrival_s = 50, .duration_s = 50, .chips = 2}}));
    EXPECT_EQ(report.jobs, 1);
    EXPECT_EQ(report.refused, 0);
    EXPECT_DOUBLE_EQ(report.wait_mean_s, 50);
    EXPECT_DOUBLE_EQ(report.makespan_s, 100);
    EXPECT_DOUBLE_EQ(report.utilisation, (50 * 4 + 50 * 2) / (4 * 100.0));
    EXPECT_NEAR(report.cost_yuan, 20 * 50 / 3600., 1e-6);
}

TEST(LiveReplay, AShortJobFillsTheGapBeforeAReservation) {
    // The second waits for the whole node until 100. The third ends by then; the fourth would not, and waits behind it.
    const RunReport report =
        replay(world_of(1), trace_of({{.duration_s = 100, .chips = 3},
                                      {.arrival_s = 10, .duration_s = 50, .chips = 4},
                                      {.arrival_s = 20, .duration_s = 80},
                                      {.arrival_s = 30, .duration_s = 200}}));
    EXPECT_DOUBLE_EQ(report.makespan_s, 350);
    EXPECT_DOUBLE_EQ(report.wait_mean_s, (0 + 90 + 0 + 120) / 4.0);
}

TEST(LiveReplay, ChargesWhatLiveJobsAreCharged) {
    // Two chips for an hour: 20 yuan; 800 W and the CPUs' nothing, by the PUE 1 kWh; half a kilogram of CO2e.
    WorldFile world = world_of(1);
    world.jobs.time_limit_factor_milli =
        2000;  // a limit of two hours is quoted, and half of it billed
    const RunReport report = replay(world, trace_of({{.duration_s = hour_s, .chips = 2}}));
    EXPECT_DOUBLE_EQ(report.cost_yuan, 20);
    EXPECT_DOUBLE_EQ(report.energy_kwh, 1);
    EXPECT_DOUBLE_EQ(report.carbon_kg, 0.5);
}

TEST(LiveReplay, WiderThanANodeIsAGangOfWholeNodes) {
    const WorldFile world = world_of(2);
    const Trace trace;
    Shapes shapes(world, trace);
    const auto shape = shapes.of({.duration_s = 10, .chips_milli = 8000});
    ASSERT_TRUE(shape.has_value());
    EXPECT_EQ(shapes.spec(*shape).nodes, 2);
    EXPECT_EQ(shapes.spec(*shape).resources.chips_milli, 4000);
    EXPECT_EQ(shapes.spec(*shape).resources.cpus, 32);
    EXPECT_FALSE(shapes.of({.duration_s = 10, .chips_milli = 9000}).has_value());
}

TEST(LiveReplay, LimitsAreTheNextThatPeopleAskFor) {
    WorldFile world = world_of(1);
    world.jobs.time_limit_factor_milli = 2000;
    world.jobs.time_limits = {seconds(hour_s), seconds(4 * hour_s)};
    const Trace trace;
    Shapes shapes(world, trace);
    const auto limit_s = [&](std::int64_t duration_s, std::int64_t requested_s) {
        const auto shape =
            shapes.of({.duration_s = duration_s, .requested_s = requested_s, .chips_milli = 1000});
        return shapes.spec(*shape).time_limit.ms / 1000;
    };
    EXPECT_EQ(limit_s(10, 0), hour_s);
    EXPECT_EQ(limit_s(2000, 0), 4 * hour_s);
    EXPECT_EQ(limit_s(3 * hour_s, 0), 8 * hour_s);
    EXPECT_EQ(limit_s(10, 77), 77);
    EXPECT_EQ(limit_s(99, 77), 99);  // it was let run
}

TEST(LiveReplay, AJobRunsOnTheModelsThatItAllowsAlone) {
    WorldFile world = world_of(1);
    Chip other = chip();
    other.name = "B200";
    other.aliases = {"b"};
    world.chips.push_back(other);
    Pool second = world.centers[0].pools[0];
    second.name = "second";
    second.chip = "B200";
    second.chips_per_node = 2;
    world.centers[0].pools.push_back(second);
    Trace trace;
    trace.models = {{"A100", "b"}, {"b"}, {"H100"}};
    Shapes shapes(world, trace);
    const auto either = shapes.of({.duration_s = 10, .chips_milli = 2000, .models = 1});
    ASSERT_TRUE(either.has_value());
    const std::vector<Variant>& variants = shapes.spec(*either).variants;
    ASSERT_EQ(variants.size(), 2U);
    EXPECT_EQ(std::pair(variants[0].chip, variants[0].cpus),
              std::pair(std::string("A100"), std::int64_t{16}));
    EXPECT_EQ(std::pair(variants[1].chip, variants[1].cpus),
              std::pair(std::string("B200"), std::int64_t{32}));
    EXPECT_EQ(shapes.spec(*either, 1).resources.chip, "B200");
    EXPECT_EQ(shapes.spec(*shapes.of({.duration_s = 10, .chips_milli = 2000, .models = 2}))
                  .resources.chip,
              "B200");
    EXPECT_FALSE(shapes.of({.duration_s = 10, .chips_milli = 3000, .models = 2}).has_value());
    EXPECT_FALSE(shapes.of({.duration_s = 10, .chips_milli = 500, .models = 3}).has_value());

    // Four jobs of two chips: the first two take the only pool that they allow one after the other.
    trace.projects = {"a"};
    for (const std::uint32_t models : {2U, 2U, 1U, 1U})
        trace.jobs.push_back({.duration_s = 100, .chips_milli = 2000, .models = models});
    const RunReport report = replay(world, trace);
    EXPECT_EQ(report.completed, 4);
    EXPECT_DOUBLE_EQ(report.makespan_s, 200);
    EXPECT_DOUBLE_EQ(report.utilisation, 8 / (6 * 2.0));
}

TEST(LiveReplay, WhoNeverFitsIsLeftOut) {
    const RunReport report =
        replay(world_of(1), trace_of({{.duration_s = 5, .chips = 5}, {.duration_s = 10}}));
    EXPECT_EQ(report.refused, 1);
    EXPECT_EQ(report.completed, 1);
    EXPECT_DOUBLE_EQ(report.makespan_s, 10);
}

TEST(LiveReplay, AGuaranteeIsCalledBackAndWhoWasStoppedGoesOn) {
    // a has borrowed all when b comes for its own: at 1000 one of a's jobs is asked to stop, and ends 30 s later.
    WorldFile world = world_of(1);
    world.jobs.preemptible = true;
    world.queues = {{.path = trace_queue("b"),
                     .quotas = {{.chip = "A100", .guaranteed_milli = 4000, .limit_milli = {}}}}};
    const Trace trace =
        trace_of({{.duration_s = 5000, .chips = 4},
                  {.arrival_s = 1000, .duration_s = 100, .chips = 4, .project = 1}});
    const RunReport over_again = replay(world, trace);
    EXPECT_EQ(over_again.preemptions, 1);
    EXPECT_DOUBLE_EQ(over_again.makespan_s, 1000 + 30 + 100 + 5000);
    EXPECT_NEAR(over_again.cost_yuan, 40 * 5100 / 3600.0, 1e-5);  // nobody is billed twice

    world.jobs.checkpoints = true;
    world.jobs.preempt_cost = seconds(60);
    const RunReport resumed = replay(world, trace);
    EXPECT_DOUBLE_EQ(resumed.makespan_s, 1000 + 30 + 100 + (4000 + 60));
}

// What runs, is kept and is free fits into each node, at every instant.
TEST(LiveReplay, NoNodeHoldsMoreThanItHas) {
    Random random(7);
    std::vector<Asked> jobs;
    for (int i = 0; i < 500; ++i) {
        jobs.push_back({.arrival_s = random.between(0, 20'000),
                        .duration_s = random.between(0, 2000),
                        .chips = random.between(1, 12),
                        .project = static_cast<std::uint32_t>(random.between(0, 1))});
    }
    const Trace trace = trace_of(jobs);
    const WorldFile world = world_of(3);
    std::int64_t most = 0;
    const auto check = [&](const sched::World& fed, Time) {
        std::map<std::int64_t, std::int64_t> taken;
        std::int64_t sum = 0;
        for (std::uint64_t id = 1; id <= trace.jobs.size(); ++id) {
            const sched::RunningJob* running = fed.find_running({id});
            if (running == nullptr) continue;
            for (const NodeShare& share : running->nodes) {
                const std::int64_t size = trace.jobs[id - 1].chips_milli / 1000;
                const std::int64_t nodes = (size + 3) / 4;
                EXPECT_EQ(std::ssize(running->nodes), nodes);  // gangs are whole
                taken[share.node] += (size + nodes - 1) / nodes;
                sum += (size + nodes - 1) / nodes;
            }
        }
        for (const auto& [node, chips] : taken) EXPECT_LE(chips, 4) << "node " << node;
        most = std::max(most, sum);
    };
    const RunReport report = run(world, trace, {.policy = policy(), .watch = check});
    EXPECT_EQ(report.completed, 500);
    EXPECT_GE(most, 10);  // it was a crowd
}

TEST(LiveReplay, TheOrderOfTheFileDoesNotMatterAndSeedsDo) {
    Random random(11);
    std::vector<Asked> jobs;
    for (int i = 0; i < 200; ++i) {
        jobs.push_back({.arrival_s = 600 * random.between(0, 20),
                        .duration_s = random.between(1, 3000),
                        .chips = random.between(1, 4)});
    }
    const RunReport one = replay(world_of(2), trace_of(jobs));
    random.shuffle(jobs);
    const RunReport other = replay(world_of(2), trace_of(jobs));
    EXPECT_EQ(one.jct_mean_s, other.jct_mean_s);
    EXPECT_EQ(one.wait_percentiles_s, other.wait_percentiles_s);

    const RunReport moved = replay(world_of(2), trace_of(jobs), 1);
    EXPECT_NE(moved.jct_mean_s, one.jct_mean_s);
    EXPECT_EQ(moved.jct_mean_s, replay(world_of(2), trace_of(jobs), 1).jct_mean_s);
    EXPECT_NE(moved.jct_mean_s, replay(world_of(2), trace_of(jobs), 2).jct_mean_s);
    EXPECT_EQ(moved.completed, 200);
}

}  // namespace
}  // namespace dayu::sim
