#include "plan/training_ways.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "plan/planned_job.h"
#include "plan/testing/shipped.h"
#include "plan/testing/supply.h"

namespace dayu::plan {
namespace {

using testing::ascend;
using testing::ground_of;

const Knowledge& shipped() {
    static const Knowledge knowledge = testing::shipped_knowledge();
    return knowledge;
}

const ChipSupply a100{.chip = "A100-80GB",
                      .names = {"A100-80GB"},
                      .node_chips = 8,
                      .most_chips = 64,
                      .cpus = 16,
                      .memory_mib = 131072};

Training small() { return {.model = {.name = "LLaMA2-7B"}, .tokens = 10'000'000'000}; }

std::string refused(const Training& training, std::vector<ChipSupply> supply,
                    const Bounds& bounds = {}) {
    const auto ways = training_ways(shipped(), training, ground_of(supply), bounds);
    return ways ? "" : ways.error().code + " " + ways.error().message;
}

TEST(TrainingWays, AreOfEachKindOfChipAndHalveDown) {
    const std::vector<ChipSupply> supply{a100, ascend};
    const std::vector<Way> ways = training_ways(shipped(), small(), ground_of(supply), {}).value();
    ASSERT_GE(ways.size(), 4U);
    ASSERT_LE(ways.size(), 16U);
    EXPECT_EQ(ways.front().plan.chip, "Ascend910B");
    EXPECT_EQ(ways.front().plan.chips, 512);
    for (const Way& way : ways) {
        const Variant& variant = way.variant;
        EXPECT_EQ(*variant.nodes * variant.chips_milli, way.plan.chips * 1000);
        EXPECT_EQ(variant.cpus * 1000,
                  (variant.chip == "A100-80GB" ? 16 : 24) * variant.chips_milli);
        EXPECT_EQ(variant.runtime, way.plan.run);
        EXPECT_LT(way.plan.run_low, way.plan.run);
        EXPECT_LT(way.plan.run, way.plan.run_high);
        EXPECT_GT(variant.time_limit, way.plan.run_high);
        EXPECT_EQ(way.body.env.at("DAYU_PLAN"), way.plan.plan);
        EXPECT_EQ(way.body.env.at("DAYU_PLAN_CHIPS"), std::to_string(way.plan.chips));
        EXPECT_EQ(way.body.run, std::nullopt) << "the job's";
    }
    for (std::size_t i = 1; i < ways.size(); ++i) {
        if (ways[i].plan.chip != ways[i - 1].plan.chip) continue;
        EXPECT_EQ(ways[i].plan.chips * 2, ways[i - 1].plan.chips);
        EXPECT_GT(ways[i].plan.run, ways[i - 1].plan.run) << "more chips are there to be faster";
    }
}

TEST(TrainingWays, AreTheSixteenFastestOfAllKindsInTurn) {
    std::vector<ChipSupply> supply;
    for (const char* const chip : {"A100-80GB", "H100", "H200", "A800", "H800"}) {
        supply.push_back(a100);
        supply.back().chip = chip;
        supply.back().names = {chip};
    }
    const std::vector<Way> ways = training_ways(shipped(), small(), ground_of(supply), {}).value();
    EXPECT_EQ(ways.size(), 16U);
    for (const ChipSupply& kind : supply) {
        const auto of_kind =
            std::ranges::count(ways, kind.chip, [](const Way& way) { return way.plan.chip; });
        EXPECT_GE(of_kind, 3) << kind.chip;
    }
}

TEST(TrainingWays, KeepToTheDeadlineByTheIntervalAndToTheLimitByWhatIsExpected) {
    const std::vector<ChipSupply> supply{a100};
    const std::vector<Way> all = training_ways(shipped(), small(), ground_of(supply), {}).value();
    ASSERT_GE(all.size(), 2U);
    const Duration between{all[1].plan.run.ms - 1};
    ASSERT_GT(between, all[0].plan.run);
    const auto limited =
        training_ways(shipped(), small(), ground_of(supply), {.limit = between}).value();
    ASSERT_EQ(limited.size(), 1U);
    EXPECT_EQ(limited.front().variant.time_limit, std::nullopt) << "it is the job's";
    const auto in_time = training_ways(shipped(), small(), ground_of(supply),
                                       {.limit = {}, .until_deadline = all[0].plan.run_high})
                             .value();
    EXPECT_EQ(in_time.front().plan, all.front().plan);
    EXPECT_EQ(in_time.size(), 1U);
    EXPECT_EQ(refused(small(), {a100}, {.limit = {}, .until_deadline = seconds(60)}).substr(0, 48),
              "plan_too_long deadline: the fastest plan, tp1 pp");
    EXPECT_EQ(refused(small(), {a100}, {.limit = seconds(60)}).substr(0, 25),
              "plan_too_long time_limit:");
}

TEST(TrainingWays, TheirNumberOfChipsAndTheirKindsMayBeSaid) {
    Training training = small();
    training.count = 16;
    training.model.chips = {"A100-80GB"};
    const std::vector<ChipSupply> supply{a100, ascend};
    const std::vector<Way> ways = training_ways(shipped(), training, ground_of(supply), {}).value();
    ASSERT_EQ(ways.size(), 1U);
    EXPECT_EQ(ways.front().plan.chips, 16);
    EXPECT_EQ(ways.front().variant.nodes, 2);
    training.count = 12;
    EXPECT_EQ(refused(training, {a100}).substr(0, 13), "plan_no_chips") << "no whole nodes";
    training.count = 0;
    EXPECT_EQ(refused(training, {ascend}).substr(0, 13), "plan_no_chips");
}

TEST(TrainingWays, SayWhyThereAreNone) {
    Training training = small();
    training.model.name = "LLaMA9";
    EXPECT_EQ(refused(training, {a100}).substr(0, 30), "plan_model_unknown model.name:");
    training = small();
    training.model.framework = "megatron";
    EXPECT_EQ(refused(training, {a100}).substr(0, 39), "plan_framework_unknown model.framework:");
    training.model.framework = "megatron-lm";
    EXPECT_EQ(refused(training, {a100}), "");
    ChipSupply unknown = a100;
    unknown.chip = "X1";
    unknown.names = {"X1"};
    EXPECT_NE(refused(training, {unknown}).find("no profile of X1"), std::string::npos);
    ChipSupply one = a100;
    one.node_chips = one.most_chips = 1;
    training.model.name = "LLaMA2-70B";
    EXPECT_EQ(refused(training, {one}).substr(0, 15), "plan_infeasible");
}

TEST(TrainingWays, AModelMayComeAsItsConfig) {
    Training named = small(), whole = small();
    whole.model.name = "";
    whole.model.config = {{"model_type", "llama"},        {"hidden_size", "4096"},
                          {"intermediate_size", "11008"}, {"num_attention_heads", "32"},
                          {"num_hidden_layers", "32"},    {"num_key_value_heads", "32"},
                          {"vocab_size", "32000"},        {"tie_word_embeddings", "false"}};
    const std::vector<ChipSupply> supply{a100};
    const auto of_name = training_ways(shipped(), named, ground_of(supply), {}).value();
    const auto of_config = training_ways(shipped(), whole, ground_of(supply), {}).value();
    ASSERT_EQ(of_name.size(), of_config.size());
    for (std::size_t i = 0; i < of_name.size(); ++i) EXPECT_EQ(of_name[i].plan, of_config[i].plan);
}

TEST(TrainingWays, RunTheLauncherWhereNothingElseIsToRun) {
    const std::vector<ChipSupply> supply{a100, ascend};
    Bounds bounds;
    bounds.runs_launcher = true;
    const std::vector<Way> ways =
        training_ways(shipped(), small(), ground_of(supply), bounds).value();
    ASSERT_FALSE(ways.empty());
    for (const Way& way : ways) {
        EXPECT_EQ(way.body.run, way.body.env.at("DAYU_LAUNCH"));
        EXPECT_NE(way.body.run->find("torchrun"), std::string::npos);
        EXPECT_NE(way.body.run->find("$TRAIN_ARGS"), std::string::npos);
    }
}

TEST(TrainingWays, AreCorrectedByWhatAttemptsMeasured) {
    PlanGround ground = ground_of({a100});
    const Way before = training_ways(shipped(), small(), ground, {}).value().front();
    ASSERT_TRUE(before.variant.forecast);
    EXPECT_EQ(before.variant.forecast->work, "pretrain dense bf16");
    StepRatios ratios{.work = before.variant.forecast->work,
                      .chip = "A100-80GB",
                      .framework = before.variant.forecast->framework};
    for (int i = 0; i < 60; ++i) {  // a tenth longer, each of them
        ++ratios.attempts;
        ratios.sum_ppm += 95'310;
        ratios.squares_ppm += 9'084;
    }
    ground.measured = {ratios};
    const Way after = training_ways(shipped(), small(), ground, {}).value().front();
    const auto ms = [](Duration time) { return static_cast<double>(time.ms); };
    EXPECT_NEAR(ms(after.plan.run) / ms(before.plan.run), 1.1, 0.01);
    EXPECT_LT(ms(after.plan.run_high) / ms(after.plan.run),
              ms(before.plan.run_high) / ms(before.plan.run));
    EXPECT_EQ(after.variant.forecast, before.variant.forecast) << "what is measured is held to it";
    EXPECT_NE(after.plan.evidence_words.find("and 60 attempts"), std::string::npos);
    ground.measured.front().framework = "another";
    EXPECT_EQ(training_ways(shipped(), small(), ground, {}).value().front().plan, before.plan);
}

TEST(StepCorrections, LeanOnTheForecastUntilManyHaveSpoken) {
    const auto after = [](std::int64_t attempts, std::int64_t each_ppm) {
        return correction_of({.work = "",
                              .chip = "",
                              .framework = "",
                              .attempts = attempts,
                              .sum_ppm = attempts * each_ppm,
                              .squares_ppm = attempts * (each_ppm * each_ppm / 1'000'000)},
                             0.3);
    };
    EXPECT_EQ(after(0, 0).factor, 1);
    EXPECT_GE(after(0, 0).residual_90, 0.3);
    EXPECT_NEAR(after(1, 300'000).factor, std::exp(0.1), 1e-9) << "a third of it";
    EXPECT_NEAR(after(98, 300'000).factor, std::exp(0.294), 1e-9);
    EXPECT_LT(after(98, 300'000).residual_90, 0.2);
    const StepCorrection few = after(3, 200'000);
    EXPECT_LT(few.low, few.factor);
    EXPECT_LT(few.factor, few.high);
    EXPECT_GT(few.high / few.low, after(30, 200'000).high / after(30, 200'000).low);
}

TEST(PlannedJob, IsAJobWithVariants) {
    JobFile file;
    file.name = "planned";
    file.training = small();
    file.spec.time_limit = {};
    file.spec.resources.cpus = 4;
    const std::vector<ChipSupply> supply{a100};
    const auto plans =
        plan_job({.training = shipped(), .serving = testing::shipped_serve_knowledge()}, file,
                 ground_of(supply));
    ASSERT_TRUE(plans.ok());
    ASSERT_EQ(file.spec.variants.size(), plans->size());
    ASSERT_EQ(file.body.variants.size(), plans->size());
    EXPECT_EQ(file.spec.resources.chip, "A100-80GB");
    EXPECT_EQ(file.spec.variants.front().cpus, 4) << "as was asked";
    EXPECT_EQ(file.spec.variants.front().memory_mib, 8 * 131072);
    file.body.run = "train";
    for (VariantBody& variant : file.body.variants) variant.env.clear();  // the platform's own
    EXPECT_TRUE(validate(file).ok()) << "all that it says may be said by hand";
}

}  // namespace
}  // namespace dayu::plan
