#include "sim/world_file.h"

#include <gtest/gtest.h>

namespace dayu::sim {
namespace {

constexpr std::string_view centers = R"(centers:
  - name: here
    region: cn/test/here
    pools:
      - {name: main, chip: a100-80, nodes: 2, chips_per_node: 8, cpus_per_node: 64, memory_gib_per_node: 512,
         price_per_chip_hour: "10.00", price_per_cpu_hour: "1.00"}
)";

std::vector<Chip> registry() {
    Chip chip;
    chip.name = "A100-80GB";
    chip.aliases = {"a100-80"};
    return {chip};
}

Result<WorldFile> parse(const std::string& more) {
    return parse_world_file("w.yaml", std::string(centers) + more, registry());
}

std::string complaint(const std::string& more) {
    const Result<WorldFile> world = parse(more);
    return world.ok() ? "" : world.error().message;
}

TEST(WorldFile, ReadsCentersChipsJobsAndQueues) {
    const Result<WorldFile> world = parse(R"(
chips:
  - {name: P100, vendor: NVIDIA, memory_gib: 16, power_w: 300, source: test, confidence: E}
jobs: {chip: A100-80, cpus_per_chip: 4, time_limit_factor: 1.5, time_limits: [1h, 1d], prefer: fastest,
       preemptible: true, checkpoints: true, preempt_cost: 60, time_unit: 1h, swf_memory: bytes_per_job,
       deadline_slack: 2h}
queues:
  - {project: group-1, weight: 2.5, guaranteed_chips: 8}
warm_up: 1d
)");
    ASSERT_TRUE(world.ok()) << world.error().message;
    EXPECT_EQ(world->chips.size(), 2U);
    EXPECT_EQ(world->centers[0].pools[0].chip, "A100-80GB");
    EXPECT_EQ(world->jobs.chip, "A100-80GB");
    EXPECT_EQ(world->jobs.cpus_per_chip, 4);
    EXPECT_EQ(world->jobs.time_limit_factor_milli, 1500);
    EXPECT_EQ(world->jobs.time_limits, (std::vector{seconds(3600), seconds(86'400)}));
    EXPECT_EQ(world->jobs.weights.wait_per_chip_hour.micro_yuan, 100'000'000);
    EXPECT_TRUE(world->jobs.preemptible && world->jobs.checkpoints);
    EXPECT_EQ(world->jobs.preempt_cost, seconds(60));
    EXPECT_EQ(world->jobs.deadline_slack, seconds(7200));
    EXPECT_EQ(world->warm_up, seconds(86'400));
    EXPECT_EQ(world->jobs.reading, (TraceReading{.time_unit_s = 3600, .memory_in_bytes = true}));
    ASSERT_EQ(world->queues.size(), 1U);
    EXPECT_EQ(world->queues[0].path, "trace/group-1");
    EXPECT_EQ(world->queues[0].weight_milli, 2500);
    EXPECT_EQ(world->queues[0].quotas[0].guaranteed_milli, 8000);
}

TEST(WorldFile, SeveralChipsMayDo) {
    const std::string two =
        "chips: [{name: P100, vendor: NVIDIA, memory_gib: 16, power_w: 300, "
        "source: test, confidence: E}]\njobs: {chip: [P100, a100-80]}\n";
    const Result<WorldFile> world = parse(two);
    ASSERT_TRUE(world.ok()) << world.error().message;
    EXPECT_EQ(world->jobs.chip, "P100");
    EXPECT_EQ(world->jobs.other_chips, (std::vector<std::string>{"A100-80GB"}));
    EXPECT_EQ(complaint(two + "queues: [{project: a, guaranteed_chips: 4}]\n"),
              "w.yaml: line 9, queues[0]: guaranteed_chips are those of `jobs.chip`, which names "
              "several");
}

TEST(WorldFile, ReadsWhatChangesByItself) {
    const Result<WorldFile> world = parse(R"(
queues:
  - {project: group-1, data_gib: 3, data_at: here}
series:
  - {center: here, of: price, every: 8h, values: [0.5, 1, 1.5]}
  - {center: here, of: carbon, file: 2022.csv, zone: SA-AU, from_hour: 7000}
lending:
  - {center: here, pool: main, nodes: 1, from: 20h, for: 12h}
faults:
  - {center: here, at: 0, for: 2h}
  - {center: here, pool: main, node: 1, mean_between: 30d, for: 4h}
)");
    ASSERT_TRUE(world.ok()) << world.error().message;
    EXPECT_EQ(
        world->datasets,
        (std::vector<Dataset>{{.name = "trace/group-1", .bytes = 3LL << 30, .centers = {"here"}}}));
    const WorldChanges expected{
        .series = {{.center = "here",
                    .of = SeriesOf::price,
                    .every = seconds(8 * 3600),
                    .values = {500, 1000, 1500}},
                   {.center = "here", .file = "2022.csv", .zone = "SA-AU", .from_hour = 7000}},
        .lending = {{.center = "here",
                     .pool = "main",
                     .nodes = 1,
                     .from = seconds(20 * 3600),
                     .length = seconds(12 * 3600)}},
        .faults = {{.center = "here", .at = Duration{}, .length = seconds(7200)},
                   {.center = "here",
                    .pool = "main",
                    .node = 1,
                    .length = seconds(4 * 3600),
                    .mean_between = seconds(30 * 86'400)}}};
    EXPECT_EQ(world->changes, expected);
}

TEST(WorldFile, ComplaintsAboutChangesSayWhatIsTaken) {
    EXPECT_EQ(
        complaint("faults: [{center: there, at: 1h, for: 1h}]\n"),
        "w.yaml: line 7, faults[0].center: \"there\" is none of here; did you mean \"here\"?");
    EXPECT_EQ(complaint("faults: [{center: here, pool: main, node: 2, at: 1h, for: 1h}]\n"),
              "w.yaml: line 7, faults[0].node: \"2\" is out of range; the pool's nodes are 0 to 1");
    EXPECT_EQ(complaint("faults: [{center: here, for: 1h}]\n"),
              "w.yaml: line 7, faults[0]: a fault has `for`, how long it lasts, and either `at`, "
              "its time, or `mean_between`, by chance");
    EXPECT_EQ(complaint("lending: [{center: here, pool: main, nodes: 3, for: 1h}]\n"),
              "w.yaml: line 7, lending[0].nodes: \"3\" is out of range; the pool has 1 to 2");
    EXPECT_EQ(complaint("series: [{center: here, of: pue, values: [1.2, 0.9]}]\n"),
              "w.yaml: line 7, series[0].values[1]: \"0.9\" is out of range; 1 to 1000 are taken");
    EXPECT_EQ(complaint("series: [{center: here, of: price}]\n"),
              "w.yaml: line 7, series[0]: a series has either `values` or the `file` that they "
              "stand in");
    EXPECT_EQ(complaint("series: [{center: here, of: pue, values: [2]}, {center: here, of: pue, "
                        "values: [1]}]\n"),
              "w.yaml: line 7, series[1]: another series says the same of here");
    EXPECT_EQ(complaint("queues: [{project: a, data_gib: 4}]\n"),
              "w.yaml: line 7, queues[0]: data needs both `data_gib` and `data_at`, the centres "
              "that have it");
}

TEST(WorldFile, CentersAloneWillDo) {
    const Result<WorldFile> world = parse("");
    ASSERT_TRUE(world.ok());
    EXPECT_EQ(world->jobs.time_limit_factor_milli, 2000);
    EXPECT_EQ(world->jobs.time_limits.front(), seconds(600));
    EXPECT_TRUE(world->queues.empty());
}

TEST(WorldFile, ComplaintsNameTheFileTheLineTheKeyAndTheRemedy) {
    EXPECT_EQ(complaint("jobs: {chip: A1000-80}\n"),
              "w.yaml: line 7, jobs: \"A1000-80\" is no chip of the registry, nor of `chips` here; "
              "did you mean a100-80?");
    EXPECT_EQ(complaint("jobs: {time_limit_factor: 0.5}\n"),
              "w.yaml: line 7, jobs.time_limit_factor: \"0.5\" is out of range; 1 to 1000 are "
              "taken: a limit is no shorter than the job");
    EXPECT_EQ(
        complaint("jobs: {time_limits: [2h, 1h]}\n"),
        "w.yaml: line 7, jobs.time_limits[1]: \"1h\" is out of range; each is longer than the "
        "one before, which is 2h");
    EXPECT_EQ(complaint("queues: [{weight: 2}]\n"),
              "w.yaml: line 7, queues[0]: a queue needs `project`, the name that the trace has");
    EXPECT_EQ(complaint("queues: [{project: a, guaranteed_chips: 4}]\n"),
              "w.yaml: line 7, queues[0]: guaranteed_chips are those of `jobs.chip`, which is "
              "missing");
    EXPECT_NE(complaint("job: {}\n").find("jobs"), std::string::npos);
    EXPECT_EQ(parse_world_file("w.yaml", "jobs: {}\n", registry()).error().message,
              "w.yaml: line 1: `centers` must declare at least one centre");
}

}  // namespace
}  // namespace dayu::sim
