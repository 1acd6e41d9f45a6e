#include "plan/train_mixed.h"

#include <numeric>

#include <gtest/gtest.h>

#include "plan/train_search.h"

namespace dayu::plan {
namespace {

TrainJob job(double vocabulary = 32000) {
    return {.model = {.layers = 80,
                      .hidden = 8192,
                      .vocabulary = vocabulary,
                      .heads = 64,
                      .query_width = 8192,
                      .key_value_width = 2048,
                      .output_width = 8192,
                      .ffn = 28672},
            .sequence = 4096,
            .global_batch = 512};
}

Machine machine(double rate, double memory_gib = 80) {
    Machine machine;
    machine.gemm = {.rate = rate, .half_rows = 60, .half_columns = 60, .half_depth = 60};
    machine.memory_bandwidth = 1.7e12;
    machine.memory_bytes = memory_gib * (1 << 30);
    machine.fabric = {.node = {.chips = 8, .bandwidth = 200e9}, .network = {.bandwidth = 20e9}};
    machine.traits.fuses_attention = true;
    return machine;
}

MixedPlan best(const TrainJob& job, const Machine& one, const Machine& other) {
    const auto found = mixed_search(job, {{{one, 64}, {other, 64}}}, {.top = 1});
    return found.empty() ? MixedPlan{} : found.front();
}

// Without an output layer, whose time the last stages would be spared for.
TEST(TrainMixed, TwoKindsThatAreEqualTakeAsLongAsOne) {
    const TrainJob plain = job(0);
    const MixedPlan mixed = best(plain, machine(250e12), machine(250e12));
    EXPECT_EQ(mixed.blocks[0].layers, mixed.blocks[1].layers);
    EXPECT_DOUBLE_EQ(mixed.step.step_s, train_step(plain, mixed.plan, machine(250e12)).step_s);
    const TrainMemory alone = train_memory(plain, mixed.plan, machine(250e12));
    EXPECT_DOUBLE_EQ(mixed.blocks[0].memory.used(), alone.used());
}

TEST(TrainMixed, LayersFollowWhatChipsDo) {
    const MixedPlan mixed = best(job(), machine(500e12), machine(250e12));
    const StageBlock& fast = mixed.blocks[mixed.blocks[0].kind == 0 ? 0 : 1];
    const StageBlock& slow = mixed.blocks[mixed.blocks[0].kind == 0 ? 1 : 0];
    EXPECT_GT(fast.layers, 1.4 * slow.layers);
    EXPECT_LT(fast.layers, 2.6 * slow.layers);
    // Faster than twice as many of the slow ones, and slower than as many of the fast ones.
    const auto alone = [](double rate) {
        return train_search(job(), machine(rate), {.chips = 128, .top = 1})
            .plans.front()
            .step.step_s;
    };
    EXPECT_GT(mixed.step.step_s, alone(500e12));
    EXPECT_LT(mixed.step.step_s, alone(250e12));
}

TEST(TrainMixed, EachStageFitsItsOwnChip) {
    const MixedPlan mixed = best(job(), machine(250e12, 80), machine(250e12, 32));
    for (const StageBlock& block : mixed.blocks) {
        EXPECT_GE(block.memory.margin(), 0);
        EXPECT_LT(block.memory.capacity, (block.kind == 0 ? 80.0 : 32.0) * (1 << 30));
    }
}

TEST(TrainMixed, AllLayersHaveAStage) {
    const MixedPlan mixed = best(job(), machine(500e12), machine(250e12));
    const std::vector<double> layers = stage_layers(job().model, mixed);
    EXPECT_EQ(static_cast<double>(layers.size()), mixed.plan.pp);
    EXPECT_EQ(std::accumulate(layers.begin(), layers.end(), 0.0), 80);
    EXPECT_EQ(layers.front(), mixed.blocks[0].layers);
    EXPECT_EQ(layers[static_cast<std::size_t>(mixed.blocks[0].stages)], mixed.blocks[1].layers);
    for (const double one : layers) EXPECT_GE(one, 1);
}

TEST(TrainMixed, ItsPartsAddUp) {
    const TrainStep step = best(job(), machine(500e12), machine(250e12)).step;
    EXPECT_NEAR(step.step_s,
                step.compute_s + step.tensor_exchange_s + step.pipeline_send_s + step.bubble_s +
                    step.data_exchange_s + step.optimizer_s + step.fixed_s,
                1e-9);
}

TEST(TrainMixed, ASlowNetworkBetweenTheKindsIsFelt) {
    Machine far = machine(250e12);
    far.fabric.network.bandwidth = 0.5e9;
    EXPECT_GT(best(job(), machine(250e12), far).step.step_s,
              best(job(), machine(250e12), machine(250e12)).step.step_s);
}

}  // namespace
}  // namespace dayu::plan
