#include "plan/serve_recipe.h"

#include <gtest/gtest.h>

#include "plan/testing/shipped.h"

namespace dayu::plan {
namespace {

constexpr std::string_view header =
    "engine,version,model,chip,precision,isl,osl,concurrency,prefill_workers,prefill_plan,"
    "decode_workers,decode_plan,places,drafts,accepted,source\n";

Result<ServeRecipes> recipes_of(std::string_view lines) {
    return ServeRecipes::parse("recipes.csv", std::string(header).append(lines));
}

constexpr std::string_view three_recipes =
    "trtllm,1.0|none,DeepSeek-R1|DeepSeek-V3,gb200,fp4,1024,1024,12|24,1,dep4,4,tep8,32,,1,made\n"
    "trtllm,1.0,DeepSeek-R1,gb200,fp4,1024,1024,24,1,dep4,4,tep8,8,3,2.5,made\n"
    "trtllm,0.9,DeepSeek-R1,gb200,fp4,1024,1024,12,2,tp4,1,dp16,64,,1,made\n";

SplitRun run(double concurrency, std::string_view version = "1.0") {
    return {.engine = "trtllm",
            .version = std::string(version),
            .model = "deepseek-ai/DeepSeek-R1",
            .chip = "gb200",
            .precision = "fp4",
            .isl = 1024,
            .osl = 1024,
            .concurrency = concurrency};
}

TEST(ServeRecipes, AreFoundByTheirRun) {
    const ServeRecipes recipes = recipes_of(three_recipes).value();
    const auto one = recipes.plans_of(run(12));
    ASSERT_EQ(one.size(), 1U);
    EXPECT_EQ(one[0].prefill.attention_dp, 4);
    EXPECT_EQ(one[0].prefill.moe_ep, 4);
    EXPECT_EQ(one[0].decode.tp, 8);
    EXPECT_EQ(one[0].decode.moe_ep, 8);
    EXPECT_EQ(one[0].decode_workers, 4);
    EXPECT_EQ(one[0].places, 32);
    EXPECT_EQ(recipes.plans_of(run(24)).size(), 2U);  // with drafts and without
    EXPECT_EQ(recipes.plans_of(run(13)).size(), 0U);
    EXPECT_EQ(recipes.plans_of(run(12, "")).size(), 1U);
    EXPECT_EQ(recipes.plans_of(run(12, "2.0")).size(), 2U);  // of any version
    const auto old = recipes.plans_of(run(12, "0.9"));
    ASSERT_EQ(old.size(), 1U);
    EXPECT_EQ(old[0].decode.attention_dp, 16);
    EXPECT_EQ(old[0].decode.moe_tp, 16);
    EXPECT_EQ(old[0].prefill.tp, 4);
}

TEST(ServeRecipes, FitTheChipsThatTheRunSays) {
    const ServeRecipes recipes = recipes_of(three_recipes).value();
    SplitRun of_workers = run(12);
    of_workers.prefill_chips = 4;
    of_workers.decode_chips = 8;
    EXPECT_EQ(recipes.plans_of(of_workers).size(), 1U);
    of_workers.decode_workers = 5;
    EXPECT_EQ(recipes.plans_of(of_workers).size(), 0U);
    SplitRun of_all = run(12);
    of_all.prefill_chips = of_all.decode_chips = 4 + 4 * 8;
    EXPECT_EQ(recipes.plans_of(of_all).size(), 1U);
    of_all.decode_chips = 5;
    EXPECT_EQ(recipes.plans_of(of_all).size(), 0U);
}

TEST(ServeRecipes, WhatIsNoPlanSaysSo) {
    const auto read = recipes_of("trtllm,1.0,R1,gb200,fp4,1024,1024,12,1,dep,4,tep8,,,1,made\n");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, "plan_data_invalid");
    EXPECT_NE(read.error().message.find("prefill_plan"), std::string::npos);
}

TEST(ServeRecipes, TheShippedOnesAreRead) {
    const ServeRecipes recipes = testing::shipped_as<ServeRecipes>("serve_recipes.csv");
    SplitRun measured = run(192, "0.8.1.post2");
    measured.model = "deepseek-ai/DeepSeek-V3";
    measured.decode_workers = 4;
    const auto plans = recipes.plans_of(measured);
    ASSERT_EQ(plans.size(), 1U);
    EXPECT_EQ(plans[0].places, 32);
}

}  // namespace
}  // namespace dayu::plan
