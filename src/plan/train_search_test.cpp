#include "plan/train_search.h"

#include <gtest/gtest.h>

namespace dayu::plan {
namespace {

TrainJob job() {
    return {.model = {.layers = 96,
                      .hidden = 12288,
                      .vocabulary = 51200,
                      .ties_embeddings = true,
                      .heads = 96,
                      .query_width = 12288,
                      .key_value_width = 24576,
                      .output_width = 12288,
                      .ffn = 49152,
                      .ffn_matrices = 2},
            .sequence = 2048,
            .global_batch = 1536};
}

Machine machine() {
    Machine machine;
    machine.gemm = {.rate = 250e12, .half_rows = 100, .half_columns = 100, .half_depth = 100};
    machine.memory_bandwidth = 1.7e12;
    machine.memory_bytes = 80.0 * (1 << 30);
    machine.fabric = {.node = {.chips = 8, .bandwidth = 200e9}, .network = {.bandwidth = 20e9}};
    return machine;
}

TEST(TrainSearch, KeepsTheFastestPlansThatFit) {
    const TrainSearchResult found = train_search(job(), machine(), {.chips = 512, .top = 20});
    ASSERT_EQ(found.plans.size(), 20U);
    double before = 0;
    for (const RankedPlan& ranked : found.plans) {
        EXPECT_EQ(ranked.plan.chips(), 512);
        EXPECT_EQ(obstacle_of(job(), ranked.plan), TrainObstacle::none);
        EXPECT_GE(ranked.memory.margin(), 0);
        EXPECT_GE(ranked.step.step_s, before);
        EXPECT_DOUBLE_EQ(ranked.step.step_s, train_step(job(), ranked.plan, machine()).step_s);
        before = ranked.step.step_s;
    }
    EXPECT_GT(found.weighed, found.fitting);
}

TEST(TrainSearch, NoPlanOfItsSpaceIsFasterThanTheFirst) {
    const TrainSearchResult best = train_search(job(), machine(), {.chips = 512, .top = 1});
    const TrainSearchResult all = train_search(job(), machine(), {.chips = 512, .top = 1'000'000});
    EXPECT_EQ(all.plans.size(), all.fitting);
    EXPECT_EQ(best.plans.front().step.step_s, all.plans.front().step.step_s);
}

TEST(TrainSearch, WhereNoneFitsItTellsTheNearest) {
    const TrainSearchResult found = train_search(job(), machine(), {.chips = 8, .top = 5});
    EXPECT_TRUE(found.plans.empty());
    EXPECT_LT(found.nearest.memory.margin(), 0);
    EXPECT_NE(describe(TrainObstacle::memory, job(), found.nearest.plan, machine()), "");
}

// What the issue of unlike chips comes to: where the links are a mesh, narrow tensor groups cost dearly.
TEST(TrainSearch, TheBestPlanOfAMeshIsAnother) {
    Machine mesh = machine();
    mesh.fabric.node.wiring = Wiring::mesh;
    mesh.fabric.node.bandwidth = 100e9;
    const auto exchange = [](const Machine& on) {
        return train_search(job(), on, {.chips = 512, .top = 1}).plans.front();
    };
    const RankedPlan there = exchange(mesh), here = exchange(machine());
    EXPECT_GE(there.step.step_s, here.step.step_s);
    EXPECT_LE(there.step.step_s, train_step(job(), here.plan, mesh).step_s);
}

}  // namespace
}  // namespace dayu::plan
