// What changes in a world by itself, and what a replay makes of it.
#include "sim/replay/changes.h"

#include <gtest/gtest.h>

#include "sim/run.h"
#include "sim/testing/worlds.h"

namespace dayu::sim {
namespace {

constexpr std::int64_t hour_s = 3600;
constexpr Time beginning{1'000'000};

// One centre of one chip a node at 1 yuan a chip-hour and 360 W in all, so that an hour is 0.36 kWh.
WorldFile world_of(std::int64_t nodes) {
    Chip chip;
    chip.name = "X";
    chip.power_w = 360;
    return testing::world_of(chip,
                             {.nodes = nodes,
                              .chips_per_node = 1,
                              .cpus_per_node = 4,
                              .memory_mib_per_node = 4096,
                              .price_per_chip_hour = {micro_yuan_per_yuan},
                              .price_per_cpu_hour = {micro_yuan_per_yuan}},
                             {.pue_milli = 1000, .grid_mg_per_kwh = 500'000, .source = "test"});
}

struct Asked {
    std::int64_t arrival_s = 0;
    std::int64_t duration_s = 0;
};

RunReport replay(const WorldFile& world, const std::vector<Asked>& jobs, std::uint64_t seed = 0) {
    Trace trace{.jobs = {}, .projects = {"a"}};
    for (const Asked& job : jobs) {
        trace.jobs.push_back(
            {.arrival_s = job.arrival_s, .duration_s = job.duration_s, .chips_milli = 1000});
    }
    return run(world, trace, {.policy = *sched::find_policy("least-cost"), .seed = seed});
}

std::vector<std::int64_t> times_of(Changes& changes, std::size_t count) {
    std::vector<std::int64_t> times_s;
    while (times_s.size() < count && changes.next()) {
        const Time at = *changes.next();
        times_s.push_back((at - beginning).ms / 1000);
        while (changes.take(at)) {}
    }
    return times_s;
}

TEST(Changes, SeriesBeginAgainBehindTheirLastValue) {
    WorldFile world = world_of(1);
    world.changes.series = {{.center = "here", .of = SeriesOf::carbon, .values = {100, 300}}};
    Changes changes(world, 0, beginning);
    EXPECT_EQ(times_of(changes, 4), (std::vector<std::int64_t>{0, 3600, 7200, 10'800}));
    EXPECT_EQ(changes.center({1}).energy.grid_mg_per_kwh, 300);
    const auto mean = [&](std::int64_t from_s, std::int64_t to_s) {
        return changes.mean_carbon({1}, beginning + seconds(from_s), beginning + seconds(to_s));
    };
    EXPECT_DOUBLE_EQ(*mean(0, 3600), 100);
    EXPECT_DOUBLE_EQ(*mean(0, 7200), 200);
    EXPECT_DOUBLE_EQ(*mean(1800, 5400), 200);
    EXPECT_DOUBLE_EQ(*mean(7200 * 50 + 3600, 7200 * 50 + 5400), 300);
    EXPECT_FALSE(mean(5, 5).has_value());
}

TEST(Changes, LendingComesBackEveryDay) {
    WorldFile world = world_of(3);
    world.changes.lending = {{.center = "here",
                              .pool = "main",
                              .nodes = 2,
                              .from = seconds(20 * hour_s),
                              .length = seconds(12 * hour_s)}};
    Changes changes(world, 0, beginning);
    const auto at = [](std::int64_t hours) { return beginning + seconds(hours * hour_s); };
    EXPECT_FALSE(changes.take(at(19)).has_value());
    const std::optional<Change> away = changes.take(at(20));
    ASSERT_TRUE(away.has_value());
    EXPECT_EQ(away->kind, Change::Kind::lent);
    EXPECT_EQ(away->nodes, (std::vector<NodeOf>{{"main", 1}, {"main", 2}}));
    EXPECT_EQ(changes.take(at(32))->kind, Change::Kind::back);
    EXPECT_EQ(*changes.next(), at(44));
}

TEST(Changes, ANodeThatIsAwayTwiceComesBackOnce) {
    WorldFile world = world_of(2);
    world.changes.faults = {
        {.center = "here", .at = seconds(10), .length = seconds(100)},
        {.center = "here", .pool = "main", .node = 1, .at = seconds(50), .length = seconds(20)}};
    Changes changes(world, 0, beginning);
    EXPECT_EQ(changes.take(beginning + seconds(10))->nodes.size(), 2U);
    EXPECT_EQ(changes.take(beginning + seconds(50))->nodes.size(), 1U);
    EXPECT_TRUE(changes.take(beginning + seconds(70))->nodes.empty());
    EXPECT_EQ(changes.take(beginning + seconds(110))->nodes.size(), 2U);
    EXPECT_FALSE(changes.next().has_value());
}

TEST(Changes, ChanceIsOfTheSeedAndInTheMeanAsAsked) {
    WorldFile world = world_of(50);
    world.changes.faults = {{.center = "here",
                             .pool = "main",
                             .length = seconds(hour_s),
                             .mean_between = seconds(9 * hour_s)}};
    const auto times = [&](std::uint64_t seed) {
        Changes changes(world, seed, beginning);
        return times_of(changes, 10'000);
    };
    const std::vector<std::int64_t> drawn_s = times(7);
    EXPECT_EQ(drawn_s, times(7));
    EXPECT_NE(drawn_s, times(8));
    // Each node has two changes in ten hours: 50 nodes have 10,000 in 1,000 hours.
    EXPECT_NEAR(static_cast<double>(drawn_s.back()) / hour_s, 1000, 50);
}

TEST(Changes, CarbonIsThatOfTheHoursInWhichAJobRan) {
    WorldFile world = world_of(1);
    world.changes.series = {{.center = "here", .of = SeriesOf::carbon, .values = {1'000'000, 0}}};
    const RunReport report = replay(world, {{.arrival_s = 0, .duration_s = 2 * hour_s},
                                            {.arrival_s = 10, .duration_s = hour_s / 2}});
    EXPECT_DOUBLE_EQ(report.energy_kwh, 2.5 * 0.36);
    EXPECT_NEAR(report.carbon_kg, (1 + 0.5) * 0.36, 1e-9);
}

TEST(Changes, APriceIsThatAtTheStart) {
    WorldFile world = world_of(1);
    world.changes.series = {{.center = "here", .of = SeriesOf::price, .values = {500, 2000}}};
    const RunReport report =
        replay(world, {{.arrival_s = 0, .duration_s = hour_s + 10}, {.duration_s = hour_s}});
    EXPECT_NEAR(report.cost_yuan, 0.5 * 1 + 2 * (hour_s + 10.0) / hour_s, 0.01);
}

TEST(Changes, WhoLosesItsNodeStartsOverElsewhereOrWaits) {
    WorldFile world = world_of(1);
    world.changes.faults = {{.center = "here", .at = seconds(60), .length = seconds(600)}};
    const RunReport report = replay(world, {{.duration_s = 100}});
    EXPECT_EQ(report.lost_runs, 1);
    EXPECT_EQ(report.completed, 1);
    EXPECT_DOUBLE_EQ(report.makespan_s, 660 + 100);
    EXPECT_NEAR(report.cost_yuan, 100.0 / hour_s, 1e-6);  // what was lost is not billed
}

TEST(Changes, WhoeverIsLostAgainAndAgainIsGivenUp) {
    WorldFile world = world_of(1);
    world.changes.faults = {
        {.center = "here", .pool = "main", .length = seconds(60), .mean_between = seconds(60)}};
    const RunReport report = replay(world, {{.duration_s = 24 * hour_s}});
    EXPECT_EQ(report.completed, 0);
    EXPECT_EQ(report.given_up, 1);
    EXPECT_EQ(report.lost_runs, 101);
}

TEST(Changes, WhoRunsOnNodesThatAreLentAwayIsAskedToStop) {
    WorldFile world = world_of(1);
    world.jobs.checkpoints = true;
    world.jobs.grace = seconds(30);
    world.changes.lending = {{.center = "here",
                              .pool = "main",
                              .nodes = 1,
                              .from = seconds(hour_s),
                              .length = seconds(2 * hour_s)}};
    const RunReport report = replay(world, {{.duration_s = 2 * hour_s}});
    EXPECT_EQ(report.preemptions, 1);
    EXPECT_EQ(report.lost_runs, 0);
    EXPECT_DOUBLE_EQ(report.makespan_s, (3 + 1) * hour_s);
}

TEST(Changes, DataIsBroughtBeforeTheWorkBegins) {
    WorldFile world = world_of(1);
    world.centers[0].link.mbit_per_s = 8;  // a megabyte a second
    Center other = world.centers[0];
    other.name = "there";
    other.pools.clear();
    world.centers.push_back(other);
    world.datasets = {{.name = trace_queue("a"), .bytes = 50'000'000, .centers = {"there"}}};
    const RunReport report = replay(world, {{.duration_s = 100}});
    EXPECT_DOUBLE_EQ(report.makespan_s, 150);
    EXPECT_NEAR(report.data_moved_gib, 50e6 / (1 << 30), 1e-9);
    EXPECT_NEAR(report.cost_yuan, 100.0 / hour_s, 1e-6);
}

}  // namespace
}  // namespace dayu::sim
