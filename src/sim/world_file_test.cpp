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
