#include "plan/serve.h"

#include <gtest/gtest.h>

#include "plan/testing/transformers.h"

namespace dayu::plan {
namespace {

constexpr double gibi = 1073741824.0;

ServeMachine machine() {
    ServeMachine machine;
    machine.rate = 800e12;
    machine.fp8_rate = 1400e12;
    machine.half_rows = 80;
    machine.memory_bandwidth = 4e12;
    machine.memory_bytes = 131 * gibi;
    machine.fabric = {.node = {.chips = 8, .bandwidth = 400e9}, .network = {.bandwidth = 50e9}};
    return machine;
}

Transformer dense() {  // LLaMA3-70B
    return {.layers = 80,
            .hidden = 8192,
            .vocabulary = 128256,
            .heads = 64,
            .query_width = 8192,
            .key_value_width = 2048,
            .output_width = 8192,
            .ffn = 28672};
}

ServePlan plan_of(double tp, NumberFormat format = NumberFormat::fp8) {
    return {.tp = tp, .moe_tp = 1, .moe_ep = tp, .products = format, .experts = format};
}

TEST(ReplicaCost, GrowsWithSequencesContextsAndPrompts) {
    for (const Transformer& model : {dense(), testing::deepseek_v3}) {
        const ReplicaCost cost(model, plan_of(8), machine());
        double before = 0;
        for (const double sequences : {1, 2, 8, 64, 512}) {
            const double time_s = cost.decode_s(sequences, 1024);
            EXPECT_GT(time_s, before);
            EXPECT_GT(cost.decode_s(sequences, 2048), time_s);
            before = time_s;
        }
        EXPECT_GT(cost.prefill_s(2048), cost.prefill_s(1024));
        EXPECT_GT(cost.iteration_s({.decoding = 8, .decode_context = 8192, .prefill_tokens = 512}),
                  cost.iteration_s({.decoding = 8, .decode_context = 8192}));
    }
}

TEST(ReplicaCost, EightBitsHalveTheWeights) {
    const ReplicaCost wide(dense(), plan_of(4, NumberFormat::bf16), machine());
    const ReplicaCost narrow(dense(), plan_of(4), machine());
    // Embedding and output layer stay in 16 bits.
    EXPECT_NEAR(narrow.weight_bytes() / wide.weight_bytes(), 0.5, 0.02);
    EXPECT_GT(wide.decode_s(1, 128), narrow.decode_s(1, 128));
    EXPECT_GT(narrow.cache_tokens(), wide.cache_tokens());
}

// The common vector of latent attention is held by each chip that shares heads; with attention beside itself each has its own
// sequences.
TEST(ReplicaCost, LatentAttentionIsNotDividedByTensorParallelism) {
    const ReplicaCost shared(testing::deepseek_v3, plan_of(8), machine());
    ServePlan beside = plan_of(8);
    beside.tp = 1;
    beside.attention_dp = 8;
    const ReplicaCost own(testing::deepseek_v3, beside, machine());
    EXPECT_NEAR(shared.transfer_bytes_per_token(), own.transfer_bytes_per_token(), 1);
    EXPECT_NEAR(shared.cache_bytes_per_token(), 8 * shared.transfer_bytes_per_token(), 1);
    EXPECT_GT(own.cache_tokens(), 3 * shared.cache_tokens());
    // Heads of grouped-query attention are divided.
    const ReplicaCost grouped(dense(), plan_of(8), machine());
    EXPECT_NEAR(grouped.cache_bytes_per_token(), grouped.transfer_bytes_per_token(), 1);
}

TEST(ReplicaCost, FewTokensReadFewExperts) {
    const ReplicaCost cost(testing::deepseek_v3, plan_of(8), machine());
    const double one_more_of_few = cost.decode_s(2, 1) - cost.decode_s(1, 1);
    const double one_more_of_many = cost.decode_s(129, 1) - cost.decode_s(128, 1);
    EXPECT_GT(one_more_of_few, 5 * one_more_of_many);
}

// Each attention group weighs the pairs of its own prompts.
TEST(ReplicaCost, GroupsOfAttentionComputePromptsSideBySide) {
    ServeMachine slow_attention = machine();
    slow_attention.constants.attention = 1e-4;
    ServePlan beside = plan_of(8);
    beside.tp = 1;
    beside.attention_dp = 8;
    const ReplicaCost shared(testing::deepseek_v3, plan_of(8), slow_attention);
    const ReplicaCost own(testing::deepseek_v3, beside, slow_attention);
    const Iteration eight{.prefill_tokens = 8 * 8192.0, .prefill_pairs = 8 * 8192.0 * 8192 / 2};
    EXPECT_NEAR(own.iteration_s(eight) / shared.iteration_s(eight), 1, 0.05);
}

// Over nodes an exchange waits for the network.
TEST(ReplicaCost, ExchangesOverNodesTakeLonger) {
    ServeMachine small_nodes = machine();
    small_nodes.fabric.node.chips = 4;
    const double over_nodes =
        ReplicaCost(testing::deepseek_v3, plan_of(8), small_nodes).decode_s(1, 1);
    const double inside = ReplicaCost(testing::deepseek_v3, plan_of(8), machine()).decode_s(1, 1);
    EXPECT_GT(over_nodes, inside + 2 * testing::deepseek_v3.layers * 40e-6);
}

// All wait for the chip whose experts have most visitors; where every expert has some, that is any.
TEST(ReplicaCost, TheBusiestChipOfExpertsIsWaitedFor) {
    const auto experts_s = [](const ServePlan& plan, double sequences) {
        ServeMachine slow_memory = machine();
        slow_memory.constants.experts = 1e-3;
        const ReplicaCost cost(testing::deepseek_v3, plan, slow_memory);
        return cost.decode_s(sequences, 1);
    };
    ServePlan cut = plan_of(8);
    cut.moe_tp = 8;
    cut.moe_ep = 1;
    EXPECT_GT(experts_s(plan_of(8), 8), 1.15 * experts_s(cut, 8));
    EXPECT_NEAR(experts_s(plan_of(8), 4096) / experts_s(cut, 4096), 1, 0.01);
}

TEST(ReplicaCost, LinearAttentionKeepsNoKeys) {
    Transformer linear = dense();
    linear.linear_layers = 60;
    linear.linear_width = 18432;
    linear.linear_state = 1 << 20;
    const ReplicaCost mixed(linear, plan_of(4), machine());
    const ReplicaCost whole(dense(), plan_of(4), machine());
    EXPECT_NEAR(mixed.cache_bytes_per_token() / whole.cache_bytes_per_token(), 0.25, 1e-9);
    const auto of_context = [](const ReplicaCost& cost) {
        return cost.decode_s(32, 9000) - cost.decode_s(32, 1000);
    };
    EXPECT_NEAR(of_context(mixed) / of_context(whole), 0.25, 1e-6);
}

TEST(ReplicaCost, HostsStartPromptsNoFasterThanTheirKernels) {
    ServeMachine slow_host = machine();
    slow_host.constants.prompt_layer_s = 2e-3;
    const ReplicaCost cost(dense(), plan_of(8), slow_host);
    EXPECT_NEAR(cost.prefill_s(16), 80 * 2e-3, 1e-9);
    EXPECT_LT(cost.decode_s(16, 16), 80 * 2e-3);
}

TEST(ReplicaCost, WhatDoesNotFitSaysSo) {
    const ReplicaCost cost(testing::deepseek_v3, plan_of(1), machine());
    EXPECT_EQ(cost.cache_tokens(), 0);
    EXPECT_NE(memory_obstacle(cost, 1024).find("memory"), std::string::npos);
    EXPECT_EQ(memory_obstacle(ReplicaCost(dense(), plan_of(8), machine()), 1024), "");
}

}  // namespace
}  // namespace dayu::plan
