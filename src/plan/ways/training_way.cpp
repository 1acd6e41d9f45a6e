#include "plan/ways/training_way.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/core.h>

#include "plan/launch.h"
#include "plan/plan_words.h"
#include "plan/train_cost.h"

namespace dayu::plan {
namespace {

Duration duration_of(double hours) {
    constexpr double most_hours = 1e9;
    return seconds(static_cast<std::int64_t>(std::ceil(std::min(hours, most_hours) * 3600)));
}

std::string text_of(double value) { return fmt::format("{}", value); }

// What docs/guide/job-file.md promises a planned job.
std::map<std::string, std::string> environment(const Training& training, const RankedPlan& ranked,
                                               const RunCost& cost, double step_s) {
    const TrainPlan& plan = ranked.plan;
    return {{"DAYU_PLAN", words_of(plan)},
            {"DAYU_PLAN_MODEL", training.model.name},
            {"DAYU_PLAN_TASK", std::string(to_string(training.task))},
            {"DAYU_PLAN_PRECISION", std::string(to_string(training.precision))},
            {"DAYU_PLAN_TOKENS", std::to_string(training.tokens)},
            {"DAYU_PLAN_SEQ", std::to_string(training.sequence)},
            {"DAYU_PLAN_GLOBAL_BATCH", std::to_string(training.global_batch)},
            {"DAYU_PLAN_MICRO_BATCH", text_of(plan.micro_batch)},
            {"DAYU_PLAN_STEPS", text_of(std::ceil(cost.steps))},
            {"DAYU_PLAN_STEP_S", fmt::format("{:.4g}", step_s)},
            {"DAYU_PLAN_CHIPS", text_of(plan.chips())},
            {"DAYU_PLAN_TP", text_of(plan.tp)},
            {"DAYU_PLAN_PP", text_of(plan.pp)},
            {"DAYU_PLAN_VPP", text_of(plan.vpp)},
            {"DAYU_PLAN_DP", text_of(plan.dp)},
            {"DAYU_PLAN_CP", text_of(plan.cp)},
            {"DAYU_PLAN_EP", text_of(plan.ep)},
            {"DAYU_PLAN_ZERO", text_of(plan.zero)},
            {"DAYU_PLAN_RECOMPUTE", std::string(words_of(plan.recompute))},
            {"DAYU_PLAN_SEQUENCE_PARALLEL", plan.sequence_parallel ? "1" : "0"}};
}

Estimate corrected(const Estimate& step_s, const StepRatios* measured) {
    if (measured == nullptr) return step_s;
    const StepCorrection correction =
        correction_of(*measured, std::log(step_s.high / step_s.value));
    const double value = step_s.value * correction.factor;
    const double spread = std::exp(correction.residual_90);
    return {.value = value, .low = value / spread, .high = value * spread};
}

std::string evidence_words(const Question& asked) {
    const std::string_view words = description_of(asked.basis.grade);
    if (asked.measured == nullptr) return std::string(words);
    return fmt::format("{}, and {} attempt{}", words, asked.measured->attempts,
                       asked.measured->attempts == 1 ? "" : "s");
}

}  // namespace

std::string work_of(const Training& training, const TrainJob& job) {
    return fmt::format("{} {} {}", to_string(training.task),
                       job.model.sparse_layers > 0 ? "moe" : "dense",
                       to_string(training.precision));
}

Result<std::string> launch_of(const Question& asked, const TrainPlan& plan) {
    const TrainLauncher launcher =
        TRY(asked.knowledge.launchers.for_training(asked.basis.chip->name));
    const auto node = static_cast<double>(asked.supply.node_chips);
    return shell_line(TRY(launch_training(asked.job, plan,
                                          {.launcher = launcher,
                                           .tokens = static_cast<double>(asked.training.tokens),
                                           .chips_per_node = node})));
}

Way way_of(const Question& asked, std::int64_t count, const Candidate& candidate) {
    const auto& [ranked, forecast, launch] = candidate;
    const Estimate step_s = corrected(forecast, asked.measured);
    RunSetting run;
    run.tokens = static_cast<double>(asked.training.tokens);
    const double power_w = asked.basis.chip->specification.power_w;
    const auto chips = static_cast<double>(count);
    const RunCost cost = run_cost(asked.job, chips, step_s.value, power_w, run);
    const ChipSupply& supply = asked.supply;
    const std::int64_t a_node = std::min(count, supply.node_chips);

    Way way;
    way.plan = {.chip = supply.chip,
                .chips = count,
                .plan = words_of(ranked.plan),
                .evidence = std::string(letter_of(asked.basis.grade)),
                .evidence_words = evidence_words(asked),
                .run = duration_of(cost.hours),
                .run_low = duration_of(cost.hours * step_s.low / step_s.value),
                .run_high = duration_of(cost.hours * step_s.high / step_s.value)};
    way.variant.chip = supply.chip;
    way.variant.chips_milli = a_node * 1000;
    way.variant.cpus =
        std::max<std::int64_t>(supply.cpus * a_node, 1);  // a node may have fewer than chips
    way.variant.memory_mib = supply.memory_mib * a_node;
    way.variant.nodes = count / a_node;
    way.variant.runtime = way.plan.run;
    way.variant.forecast = StepForecast{.work = work_of(asked.training, asked.job),
                                        .framework = asked.basis.calibration->framework,
                                        .step_us = std::llround(forecast.value * 1e6)};
    way.body.env = environment(asked.training, ranked, cost, step_s.value);
    if (!launch.empty()) way.body.env["DAYU_LAUNCH"] = launch;
    if (asked.runs_launcher) way.body.run = launch;
    return way;
}

}  // namespace dayu::plan
