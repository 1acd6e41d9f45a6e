#include "plan/ways/serving_way.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/core.h>

namespace dayu::plan {
namespace {

constexpr double us_per_s = 1e6;
constexpr double us_per_ms = 1e3;

std::string text_of(double value) { return fmt::format("{:g}", value); }

std::string plan_words(const ReplicaLayout& layout, const ServePlan& plan) {
    return fmt::format("{}x[{}]", layout.replicas, words_of(plan));
}

// What docs/guide/job-file.md promises a planned service.
std::map<std::string, std::string> environment(const Serving& serving, const ServePlan& plan,
                                               const ReplicaLayout& layout) {
    const auto in_ms = [](std::int64_t us) { return text_of(static_cast<double>(us) / us_per_ms); };
    return {{"DAYU_PLAN", plan_words(layout, plan)},
            {"DAYU_PLAN_MODEL", serving.model.name},
            {"DAYU_PLAN_PRECISION", std::string(to_string(serving.precision))},
            {"DAYU_PLAN_RATE", text_of(static_cast<double>(serving.rate_milli) / 1e3)},
            {"DAYU_PLAN_ISL", std::to_string(serving.prompt)},
            {"DAYU_PLAN_OSL", std::to_string(serving.answer)},
            {"DAYU_PLAN_TTFT_MS", in_ms(serving.ttft_us)},
            {"DAYU_PLAN_TPOT_MS", in_ms(serving.tpot_us)},
            {"DAYU_PLAN_CHIPS", std::to_string(layout.nodes * layout.chips_per_node)},
            {"DAYU_PLAN_REPLICAS", std::to_string(layout.replicas)},
            {"DAYU_PLAN_REPLICA_CHIPS", std::to_string(layout.replica_chips)},
            {"DAYU_PLAN_NODE_REPLICAS", std::to_string(layout.replicas_per_node)},
            {"DAYU_PLAN_REPLICA_NODES", std::to_string(layout.nodes_per_replica)},
            {"DAYU_PLAN_TP", text_of(plan.tp)},
            {"DAYU_PLAN_PP", text_of(plan.pp)},
            {"DAYU_PLAN_DP", text_of(plan.attention_dp)},
            {"DAYU_PLAN_EP", text_of(plan.moe_ep)}};
}

std::int64_t whole_us(double seconds) { return std::llround(seconds * us_per_s); }

ServiceForecast forecast_of(const ServeBasis& basis, const ReplayFigures& figures,
                            std::int64_t replicas) {
    const Estimate ttft = basis.ttft(figures.ttft_s.at_quantile);
    const Estimate tpot = basis.tpot(figures.tpot_s.at_quantile);
    return {.replicas = replicas,
            .ttft_us = whole_us(ttft.value),
            .ttft_low_us = whole_us(ttft.low),
            .ttft_high_us = whole_us(ttft.high),
            .tpot_us = whole_us(tpot.value),
            .tpot_low_us = whole_us(tpot.low),
            .tpot_high_us = whole_us(tpot.high)};
}

}  // namespace

Result<std::string> launch_of(const ServingQuestion& asked, const ServePlan& plan,
                              const ReplicaLayout& layout) {
    const Launchers& launchers = asked.knowledge.launchers;
    const std::string& chip = asked.basis.chip->name;
    const ServeLaunch setting{
        .launcher = TRY(launchers.for_serving(chip, asked.serving.model.framework)),
        .chips_per_node = static_cast<double>(asked.supply.node_chips)};
    return launch_replicas(plan, setting, layout, TRY(launchers.devices_of(chip)));
}

Way way_of(const ServingQuestion& asked, const ConfirmedOffer& confirmed,
           const ReplicaLayout& layout, const std::string& launch) {
    const ChipSupply& supply = asked.supply;
    const ServePlan& plan = confirmed.offer.plan;
    const Duration run = asked.bounds.limit;
    Way way;
    way.plan = {.chip = supply.chip,
                .chips = layout.nodes * layout.chips_per_node,
                .plan = plan_words(layout, plan),
                .evidence = std::string(letter_of(asked.basis.grade)),
                .evidence_words = std::string(description_of(asked.basis.grade)),
                .run = run,
                .run_low = run,
                .run_high = run,
                .service = forecast_of(asked.basis, confirmed.figures, layout.replicas)};
    way.variant.chip = supply.chip;
    way.variant.chips_milli = layout.chips_per_node * 1000;
    way.variant.cpus = std::max<std::int64_t>(supply.cpus * layout.chips_per_node, 1);
    way.variant.memory_mib = supply.memory_mib * layout.chips_per_node;
    way.variant.nodes = layout.nodes;
    way.variant.runtime = run;
    way.body.env = environment(asked.serving, plan, layout);
    if (!launch.empty()) way.body.env["DAYU_LAUNCH"] = launch;
    if (asked.bounds.runs_launcher) way.body.run = launch;
    return way;
}

}  // namespace dayu::plan
