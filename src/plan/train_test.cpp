#include "plan/train.h"

#include <cmath>

#include <gtest/gtest.h>

#include "plan/testing/transformers.h"
#include "plan/train/shard.h"

namespace dayu::plan {
namespace {

constexpr double gibi = 1073741824.0;

Transformer gpt(double layers, double hidden, double heads) {
    return {.layers = layers,
            .hidden = hidden,
            .vocabulary = 51200,
            .ties_embeddings = true,
            .has_position_table = true,
            .heads = heads,
            .query_width = hidden,
            .key_value_width = 2 * hidden,
            .output_width = hidden,
            .ffn = 4 * hidden,
            .ffn_matrices = 2};
}

Machine machine(bool fuses_attention = false) {
    Machine machine;
    machine.gemm = {.rate = 250e12, .half_rows = 100, .half_columns = 100, .half_depth = 100};
    machine.memory_bandwidth = 1.7e12;
    machine.memory_bytes = 80 * gibi;
    machine.fabric = {.node = {.chips = 8, .bandwidth = 200e9}, .network = {.bandwidth = 20e9}};
    machine.traits.fuses_attention = fuses_attention;
    return machine;
}

// The four models of arXiv 2205.05198, their plans, and what figures 1 and 7 say: GiB of states and activations of a rank, and
// activations in per cent of those under tensor parallelism alone.
struct Published {
    const char* name;
    Transformer model;
    double pp, vpp, micro_batch, global_batch;
    double states_gib, plain_gib, selective_sp_gib;
    double sp_percent, selective_percent, both_percent, full_percent;
};
const Published published[] = {
    {"22B", gpt(48, 6144, 64), 1, 1, 4, 4, 45.5625, 59.25, 9.5625, 66.84, 49.42, 16.18, 7.64},
    {"175B", gpt(96, 12288, 96), 8, 3, 1, 64, 45.5625, 66.84375, 12.3515625, 62.04, 56.53, 18.49,
     8.71},
    {"530B", gpt(105, 20480, 128), 35, 3, 1, 280, 31.640625, 114.0234375, 23.076171875, 58.31,
     62.04, 20.27, 9.42},
    {"1T", gpt(128, 25600, 160), 64, 1, 1, 512, 32.958984375, 131.25, 26.5625, 58.31, 62.04, 20.27,
     9.42},
};

double activations(const Published& one, Recompute recompute, bool sequence_parallel) {
    const TrainJob job{.model = one.model, .sequence = 2048, .global_batch = one.global_batch};
    const TrainPlan plan{.tp = 8,
                         .pp = one.pp,
                         .vpp = one.vpp,
                         .micro_batch = one.micro_batch,
                         .recompute = recompute,
                         .sequence_parallel = sequence_parallel};
    return train_memory(job, plan, machine()).activations;
}

TEST(TrainMemory, AgreesWithTheSixteenFiguresOfTheMegatronPaperWithinHalfAPercent) {
    for (const Published& one : published) {
        const TrainJob job{.model = one.model, .sequence = 2048, .global_batch = one.global_batch};
        const TrainPlan plan{.tp = 8, .pp = one.pp, .vpp = one.vpp};
        // The paper counts 18 bytes a parameter of layers and leaves the embeddings out.
        const double states = 18 * train::layer_share(job, plan).dense / gibi;
        EXPECT_NEAR(states / one.states_gib, 1, 0.005) << one.name;
        const double plain = activations(one, Recompute::none, false) / gibi;
        EXPECT_NEAR(plain / one.plain_gib, 1, 0.005) << one.name;
        const double both = activations(one, Recompute::selective, true) / gibi;
        EXPECT_NEAR(both / one.selective_sp_gib, 1, 0.005) << one.name;
    }
}

TEST(TrainMemory, AgreesWithTheSavingsOfTheMegatronPaper) {
    for (const Published& one : published) {
        const double plain = activations(one, Recompute::none, false);
        const auto percent = [&](Recompute recompute, bool sequence_parallel) {
            return 100 * activations(one, recompute, sequence_parallel) / plain;
        };
        EXPECT_NEAR(percent(Recompute::none, true), one.sp_percent, 0.4) << one.name;
        EXPECT_NEAR(percent(Recompute::selective, false), one.selective_percent, 0.4) << one.name;
        EXPECT_NEAR(percent(Recompute::selective, true), one.both_percent, 0.1) << one.name;
        EXPECT_NEAR(percent(Recompute::full, false), one.full_percent, 0.11) << one.name;
    }
}

TrainJob job_of(double batch) {
    return {.model = gpt(48, 8192, 64), .sequence = 2048, .global_batch = batch};
}

TEST(TrainMemory, GrowsWithTheMicroBatch) {
    for (const Recompute recompute : {Recompute::none, Recompute::selective, Recompute::full}) {
        double before = 0;
        for (const double micro_batch : {1, 2, 4, 8}) {
            const TrainPlan plan{
                .tp = 8, .pp = 4, .dp = 4, .micro_batch = micro_batch, .recompute = recompute};
            const double used = train_memory(job_of(1024), plan, machine()).used();
            EXPECT_GT(used, before);
            before = used;
        }
    }
}

TEST(TrainMemory, ShrinksWithEveryStageOfZero) {
    double before = 1e30;
    for (const double zero : {0, 1, 2, 3}) {
        const double used =
            train_memory(job_of(1024), {.tp = 8, .dp = 8, .zero = zero}, machine()).used();
        EXPECT_LT(used, before);
        before = used;
    }
}

TEST(TrainStep, ItsPartsAddUp) {
    const TrainStep step =
        train_step(job_of(1024), {.tp = 8, .pp = 4, .dp = 4, .micro_batch = 2}, machine());
    EXPECT_DOUBLE_EQ(step.step_s, step.compute_s + step.tensor_exchange_s + step.pipeline_send_s +
                                      step.bubble_s + step.data_exchange_s + step.optimizer_s +
                                      step.fixed_s);
}

// (p - 1) / (m v) of the time of the micro-batches, where stages are alike: without an output layer.
TEST(TrainStep, TheBubbleIsThatOfTheSchedule) {
    TrainJob job = job_of(64);
    job.model.vocabulary = 0;
    Machine ideal = machine();
    ideal.gemm = {.rate = 250e12};  // no output layer, no saturation
    ideal.fabric.network.bandwidth = ideal.fabric.node.bandwidth = 1e30;
    for (const double vpp : {1, 2, 4}) {
        const TrainPlan plan{.tp = 8, .pp = 4, .vpp = vpp, .dp = 1, .micro_batch = 1};
        const TrainStep step = train_step(job, plan, ideal);
        const double work = step.compute_s + step.tensor_exchange_s + step.pipeline_send_s;
        EXPECT_NEAR(step.bubble_s / work, 3 / (64 * vpp), 1e-9);
    }
}

TEST(TrainStep, OneRankExchangesNothing) {
    const TrainStep step = train_step(job_of(8), {.micro_batch = 1}, machine());
    EXPECT_EQ(step.tensor_exchange_s, 0);
    EXPECT_EQ(step.pipeline_send_s, 0);
    EXPECT_EQ(step.bubble_s, 0);
    EXPECT_EQ(step.data_exchange_s, 0);
}

// Replicas that share the work of one each take as long as that one, but for what they exchange.
TEST(TrainStep, ReplicasOfEqualWorkComputeAlike) {
    const TrainStep one = train_step(job_of(8), {.tp = 8, .dp = 1}, machine());
    const TrainStep four = train_step(job_of(32), {.tp = 8, .dp = 4}, machine());
    EXPECT_DOUBLE_EQ(one.compute_s, four.compute_s);
    EXPECT_GT(four.data_exchange_s, one.data_exchange_s);
}

TEST(TrainStep, FullRecomputationCostsOneMoreForwardPass) {
    TrainJob job = job_of(8);
    job.model.vocabulary = 0;
    const double none =
        train_step(job, {.tp = 8, .recompute = Recompute::none}, machine()).compute_s;
    const double full =
        train_step(job, {.tp = 8, .recompute = Recompute::full}, machine()).compute_s;
    EXPECT_NEAR(full / none, 4.0 / 3, 0.01);
}

TEST(TrainStep, LayersWithAWindowTakeLess) {
    const auto compute_s = [](double window, double layers) {
        TrainJob job{.model = gpt(48, 8192, 64), .sequence = 32768, .global_batch = 8};
        job.model.window = window;
        job.model.windowed_layers = layers;
        return train_step(job, {.tp = 8}, machine(true)).compute_s;
    };
    const double none = compute_s(0, 0), half = compute_s(1024, 24), all = compute_s(1024, 48);
    EXPECT_NEAR(half, (none + all) / 2, 1e-3 * none);
    EXPECT_LT(all, 0.8 * none);
    EXPECT_DOUBLE_EQ(compute_s(32768, 48), none);  // wider than any token looks back
}

TEST(TrainStep, AChipInAMeshWantsWideGroups) {
    Machine mesh = machine();
    mesh.fabric.node.wiring = Wiring::mesh;
    const auto slower = [&](double tp) {
        const TrainPlan plan{.tp = tp, .dp = 8 / tp};
        return train_step(job_of(64), plan, mesh).tensor_exchange_s /
               train_step(job_of(64), plan, machine()).tensor_exchange_s;
    };
    EXPECT_NEAR(slower(2), 7, 1e-6);
    EXPECT_NEAR(slower(8), 1, 1e-6);
}

TEST(Transformer, CountsParametersAsPublished) {
    EXPECT_NEAR(parameters_of(gpt(96, 12288, 96)) / 1e9, 174.6, 0.3);
    EXPECT_NEAR(parameters_of(testing::mixtral_8x7b) / 1e9, 46.7, 0.1);
    EXPECT_NEAR(active_parameters_of(testing::mixtral_8x7b) / 1e9, 12.9, 0.1);
}

// 72 B s L h^2 (1 + s/6h + V/12Lh), arXiv 2104.04473.
TEST(Transformer, FlopsAreThoseOfTheFormula) {
    const TrainJob job = job_of(1536);
    const double h = 8192, s = 2048, layers = 48, batch = 1536;
    const double formula =
        72 * batch * s * layers * h * h * (1 + s / (6 * h) + 51200 / (12 * layers * h));
    EXPECT_NEAR(model_flops(job, true) / formula, 1, 1e-3);
}

TEST(TrainObstacles, NameWhatBindsAndWhatWouldLiftIt) {
    const TrainJob job = job_of(1024);
    const TrainPlan odd{.tp = 3};
    EXPECT_EQ(describe(obstacle_of(job, odd), job, odd, machine()),
              "heads: tp 3 does not divide 64 heads; nearest change: tp 2");
    const TrainPlan wide{.tp = 8, .pp = 64};
    EXPECT_EQ(obstacle_of(job, wide), TrainObstacle::layers);
    const TrainPlan uneven{.tp = 8, .dp = 3};
    EXPECT_EQ(obstacle_of(job, uneven), TrainObstacle::batch);
    const TrainPlan alone{.tp = 1, .dp = 8};
    EXPECT_NE(describe(TrainObstacle::memory, job, alone, machine()).find("nearest change: "),
              std::string::npos);
}

}  // namespace
}  // namespace dayu::plan
