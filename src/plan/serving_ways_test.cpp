#include "plan/serving_ways.h"

#include <gtest/gtest.h>

#include "plan/planned_job.h"
#include "plan/testing/shipped.h"
#include "plan/testing/supply.h"

namespace dayu::plan {
namespace {

using testing::ascend;
using testing::ground_of;

const ServeKnowledge& shipped() {
    static const ServeKnowledge knowledge = testing::shipped_serve_knowledge();
    return knowledge;
}

ChipSupply supply_of(const std::string& chip, std::int64_t node_chips, std::int64_t most_chips) {
    return {.chip = chip,
            .names = {chip},
            .node_chips = node_chips,
            .most_chips = most_chips,
            .cpus = 16,
            .memory_mib = 131072};
}

const ChipSupply h100 = supply_of("H100", 8, 512);

Serving small() {
    return {.model = {.name = "LLaMA2-7B"},
            .rate_milli = 40'000,
            .prompt = 1024,
            .answer = 256,
            .ttft_us = 1'000'000,
            .tpot_us = 60'000};
}

const Bounds a_day{.limit = seconds(86'400)};

std::vector<Way> ways_of(const Serving& serving, const std::vector<ChipSupply>& supply,
                         const Bounds& bounds = a_day) {
    return serving_ways(shipped(), serving, ground_of(supply), bounds).value();
}

std::string refused(const Serving& serving, const std::vector<ChipSupply>& supply,
                    const Bounds& bounds = a_day) {
    const auto ways = serving_ways(shipped(), serving, ground_of(supply), bounds);
    return ways ? "" : ways.error().code + " " + ways.error().message;
}

TEST(ServingWays, AreTheFewestChipsOfEachKindThatKeepThePromises) {
    const std::vector<Way> ways = ways_of(small(), {h100, ascend});
    ASSERT_EQ(ways.size(), 2U);
    EXPECT_LE(ways[0].plan.chips, ways[1].plan.chips);
    for (const Way& way : ways) {
        const ServiceForecast& service = *way.plan.service;
        EXPECT_LE(service.ttft_us, small().ttft_us);
        EXPECT_LE(service.tpot_us, small().tpot_us);
        EXPECT_LT(service.ttft_low_us, service.ttft_us);
        EXPECT_LT(service.tpot_us, service.tpot_high_us);
        EXPECT_EQ(*way.variant.nodes * way.variant.chips_milli, way.plan.chips * 1000);
        EXPECT_EQ(*way.variant.runtime, a_day.limit)
            << "all serve as long: what differs is the price";
        EXPECT_FALSE(way.variant.time_limit) << "that of the job";
        EXPECT_EQ(way.body.env.at("DAYU_PLAN_REPLICAS"), std::to_string(service.replicas));
        EXPECT_EQ(way.body.env.at("DAYU_PLAN"), way.plan.plan);
        EXPECT_NE(way.body.env.at("DAYU_LAUNCH").find("vllm serve $MODEL"), std::string::npos);
        EXPECT_FALSE(way.body.run) << "the job has something to run";
    }
}

TEST(ServingWays, GrowWithTheRateAndWithStricterPromises) {
    const std::int64_t chips = ways_of(small(), {h100}).front().plan.chips;
    Serving busy = small();
    busy.rate_milli *= 8;
    EXPECT_GE(ways_of(busy, {h100}).front().plan.chips, 4 * chips);
    Serving strict = small();
    strict.tpot_us = 12'000;
    EXPECT_GE(ways_of(strict, {h100}).front().plan.chips, chips);
    Serving most = small();
    most.quantile_milli = 990;
    EXPECT_GE(ways_of(most, {h100}).front().plan.chips, chips);
}

TEST(ServingWays, LieOnWholeNodesWhereAReplicaTakesMore) {
    Serving large = small();
    large.model.name = "DeepSeek-V3";
    large.rate_milli = 2'000;
    large.ttft_us = 0;
    large.tpot_us = 0;
    const Way way = ways_of(large, {h100}).front();
    EXPECT_GE(way.plan.chips, 16) << "671 GB of weights in bf16 are twice a node's memory";
    EXPECT_EQ(way.variant.chips_milli, 8000);
    EXPECT_GT(std::stoi(way.body.env.at("DAYU_PLAN_REPLICA_NODES")), 1);
}

TEST(ServingWays, RunTheLauncherWhereTheJobHasNothingElse) {
    Bounds bounds = a_day;
    bounds.runs_launcher = true;
    const Way way = ways_of(small(), {ascend}, bounds).front();
    EXPECT_EQ(*way.body.run, way.body.env.at("DAYU_LAUNCH"));
}

TEST(ServingWays, ThatThereIsNoneSaysWhatBinds) {
    Serving one = small();
    one.tpot_us = 100;
    EXPECT_NE(refused(one, {h100}).find("plan_infeasible slo: no plan serves this: H100, "),
              std::string::npos)
        << refused(one, {h100});
    one = small();
    one.rate_milli = 1'000'000'000;
    EXPECT_EQ(refused(one, {supply_of("H100", 8, 8)}).substr(0, 15), "plan_infeasible");
    one = small();
    one.model.name = "LLaMA9";
    EXPECT_EQ(refused(one, {h100}).substr(0, 30), "plan_model_unknown model.name:");
    one = small();
    one.model.framework = "megatron-lm";
    EXPECT_EQ(refused(one, {h100}).substr(0, 22), "plan_framework_unknown");
    one = small();
    one.model.chips = {"A100-80GB"};
    EXPECT_EQ(refused(one, {h100}).substr(0, 13), "plan_no_chips");
}

TEST(PlannedJob, OfAServiceIsAJobWithVariants) {
    JobFile file;
    file.name = "chat";
    file.serving = small();
    file.spec.time_limit = a_day.limit;
    const PlannerTables tables{.training = testing::shipped_knowledge(), .serving = shipped()};
    const auto plans = plan_job(tables, file, ground_of({h100, ascend}));
    ASSERT_TRUE(plans.ok()) << plans.error().message;
    ASSERT_EQ(file.spec.variants.size(), 2U);
    EXPECT_EQ(file.spec.time_limit, a_day.limit);
    EXPECT_EQ(file.spec.variants.front().chip, plans->front().chip);
    EXPECT_TRUE(file.body.variants.front().run) << "the launcher";
    for (VariantBody& variant : file.body.variants) variant.env.clear();  // the platform's own
    EXPECT_TRUE(validate(file).ok()) << "all that it says may be said by hand";
}

}  // namespace
}  // namespace dayu::plan
