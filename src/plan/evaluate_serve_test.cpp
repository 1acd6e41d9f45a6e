#include "plan/evaluate_serve.h"

#include <cmath>
#include <cstdlib>
#include <map>

#include <gtest/gtest.h>

#include "plan/testing/shipped.h"

namespace dayu::plan {
namespace {

std::vector<ServeRow> rows_of(const ServeKnowledge& knowledge, const std::string& text) {
    return parse_serve_rows("rows.csv", text, knowledge.models, knowledge.harnesses,
                            knowledge.recipes)
        .value();
}

constexpr std::string_view header =
    "id,backend,backend_version,model_path,system,precision,mode,isl,osl,gemm_quant_mode,"
    "moe_quant_mode,batch_size,tp_size,pp_size,attention_dp_size,moe_tp_size,moe_ep_size,"
    "prefill_batch_size,prefill_num_workers,prefill_tp_size,prefill_pp_size,"
    "prefill_attention_dp_size,prefill_moe_tp_size,prefill_moe_ep_size,decode_batch_size,"
    "decode_num_workers,decode_tp_size,decode_pp_size,decode_attention_dp_size,"
    "decode_moe_tp_size,decode_moe_ep_size,silicon_ttft_ms,silicon_tpot_ms,concurrency,measured\n";

// Of ai-dynamo/aiconfigurator @095f58a5 (Apache-2.0).
constexpr std::string_view four_rows =
    "dense,vllm,,meta-llama/Llama-3.1-70B,h200_sxm,fp8,agg,1024,1024,fp8,fp8,64,4,1,1,4,1,,,,,,,,,"
    ",,,,,,264.5,16.07,64,2025-10-29T00:00:00.000Z\n"
    "moe,vllm,0.19.0,MiniMaxAI/MiniMax-M2.5,b300_sxm,fp8,agg,1024,1024,fp8,fp8,64,4,1,1,4,1,,,,,,,"
    ",,,,,,,,129.1,14.5,64,2026-04-21T00:00:00.000Z\n"
    "twice,trtllm,1.2.0rc6.post2,deepseek-ai/DeepSeek-V3,b200_sxm,fp4,agg,1024,1024,nvfp4,nvfp4,4,"
    "1,1,64,8,8,,,,,,,,,,,,,,,791.1,23.9,256,2026-02-03T00:00:00.000Z\n"
    "split,sglang,0.5.8.post1,deepseek-ai/DeepSeek-V3,gb300,fp4,disagg,8192,1024,nvfp4,nvfp4,,,,,,,"
    "1,1,4,1,1,4,1,1,4,4,1,1,4,1,,,4,2026-02-12T00:00:00.000Z\n";

TEST(EvaluateServe, PredictsRowsByTheirOwnPlan) {
    const ServeKnowledge knowledge = testing::shipped_serve_knowledge();
    const auto verdicts =
        predict_rows(knowledge, rows_of(knowledge, std::string(header).append(four_rows)));
    ASSERT_EQ(verdicts.size(), 4U);
    for (const ServeVerdict& verdict : verdicts) {
        EXPECT_TRUE(verdict.is_feasible) << verdict.id << ": " << verdict.reason;
        EXPECT_LT(verdict.tpot_s.low, verdict.tpot_s.value);
        EXPECT_GT(verdict.ttft_s.high, verdict.ttft_s.value);
        if (verdict.measured_tpot_s > 0) {
            EXPECT_LT(std::abs(std::log(verdict.tpot_s.value / verdict.measured_tpot_s)), 0.35)
                << verdict.id;
        }
    }
    EXPECT_NEAR(verdicts[3].tpot_s.value, 6.73e-3, 3e-3);  // predicted with nothing measured
}

TEST(EvaluateServe, ReadsPlansAsWhatTheyMean) {
    const ServeKnowledge knowledge = testing::shipped_serve_knowledge();
    const std::vector<ServeRow> rows = rows_of(knowledge, std::string(header).append(four_rows));
    EXPECT_EQ(rows[0].family, "dense");
    EXPECT_EQ(rows[0].plan.chips(), 4);
    const ServePlan& twice = rows[2].plan;
    EXPECT_EQ(twice.attention_dp, 8);
    EXPECT_EQ(twice.moe_ep, 8);
    EXPECT_EQ(twice.chips(), 8);
    EXPECT_EQ(twice.products, NumberFormat::bf16);
    EXPECT_EQ(twice.experts, NumberFormat::fp4);
    ASSERT_TRUE(rows[3].is_split());
    EXPECT_EQ(rows[3].splits.front().decode_workers, 4);
    EXPECT_NEAR(rows[3].load.isl, 0.9 * 8192, 1e-6);  // InferenceMAX draws lengths
}

TEST(EvaluateServe, WhatIsNotKnownIsNamed) {
    const ServeKnowledge knowledge = testing::shipped_serve_knowledge();
    const auto verdicts = predict_rows(
        knowledge,
        rows_of(knowledge, std::string(header) + "odd,vllm,,who/Unheard-Of,h100_sxm,fp8,agg,1024,"
                                                 "1024,,,8,1,1,,,,,,,,,,,,,,,,,,,,8,\n"));
    EXPECT_EQ(verdicts[0].tpot_s.value, 0);
    EXPECT_NE(verdicts[0].reason.find("who/Unheard-Of"), std::string::npos);
}

TEST(EvaluateServe, HarnessesAreFoundByTheirRuns) {
    const ServeHarnesses harnesses = testing::shipped_serve_knowledge().harnesses;
    ServeRun run{.engine = "trtllm",
                 .version = "1.2.0rc6.post3",
                 .model = "deepseek-ai/DeepSeek-R1",
                 .date = "2026-02-06"};
    EXPECT_GT(harnesses.habits_of(run).accepted, 1);
    run.version = "1.2.0rc6.post2";
    EXPECT_EQ(harnesses.habits_of(run).accepted, 1);
    EXPECT_EQ(harnesses.habits_of(ServeRun{}).length_part, 1);
}

struct Bounds {
    double tpot_mean, ttft_median;
};

void expect_within(const std::string& name, const std::map<std::string, Bounds>& most) {
    const char* const traces = std::getenv("DAYU_TRACES");
    const std::string path =
        std::string(traces != nullptr ? traces : "../shared/traces") + "/../planner/data/" + name;
    const std::string text = testing::read_file(path);
    if (text.empty()) GTEST_SKIP() << "no table of measured runs beside DAYU_TRACES";
    const ServeKnowledge knowledge = testing::shipped_serve_knowledge();
    for (const ServeFamilyFigures& family :
         figures_of(predict_rows(knowledge, rows_of(knowledge, text)))) {
        const auto at = most.find(family.family);
        if (at == most.end()) continue;
        EXPECT_LT(family.tpot.mean_error, at->second.tpot_mean) << family.family;
        EXPECT_LT(family.ttft.median_error, at->second.ttft_median) << family.family;
        EXPECT_EQ(family.refused, 0) << family.family;
        EXPECT_GT(family.tpot.coverage, 0.85) << family.family;
    }
}

// The whole tables, where they are; figures above what docs/guide/planner.md tells of.
TEST(EvaluateServe, TheMeasuredTable) {
    expect_within("serving_measured.csv",
                  {{"dense", {0.12, 0.2}}, {"moe", {0.16, 0.22}}, {"disaggregated", {0.2, 0.27}}});
}

TEST(EvaluateServe, TheBatchesOfSplitwise) {
    expect_within("inference_splitwise_time_power.csv", {{"splitwise", {0.06, 0.15}}});
}

}  // namespace
}  // namespace dayu::plan
