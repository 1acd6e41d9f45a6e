#include "plan/evaluate_train.h"

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "plan/statistics.h"

namespace dayu::plan {
namespace {

constexpr std::size_t least_plans = 4;  // of a question that ranking is judged on
constexpr std::size_t shortlist = 3;

TrainVerdict predict(const Knowledge& knowledge, const TrainRow& row) {
    TrainVerdict verdict;
    verdict.id = row.id;
    verdict.family = row.family;
    verdict.measured_step_s = row.measured_step_s;
    verdict.question = row.question;
    if (!row.missing.empty()) {
        verdict.reason = "not given: " + row.missing;
        return verdict;
    }
    const Result<Basis> basis = basis_of_family(knowledge, row.chip, row.family);
    if (!basis) {
        verdict.reason = basis.error().message;
        return verdict;
    }
    TrainPlan plan = row.plan;
    if (plan.tp > 1 && basis->calibration->traits.sequence_parallel) plan.sequence_parallel = true;
    const TrainForecast result = forecast(knowledge, *basis, row.job, plan);
    verdict.step_s = result.step_s;
    TrainObstacle obstacle = obstacle_of(row.job, plan);
    if (obstacle == TrainObstacle::none && train_memory(row.job, plan, basis->machine).margin() < 0)
        obstacle = TrainObstacle::memory;
    verdict.is_feasible = obstacle == TrainObstacle::none;
    verdict.reason =
        verdict.is_feasible
            ? fmt::format("{}{}", description_of(basis->grade),
                          result.is_of_measured_layers ? ", layers of this class measured" : "")
            : describe(obstacle, row.job, plan, basis->machine);
    return verdict;
}

bool is_judged(const TrainVerdict& verdict) {
    return verdict.measured_step_s > 0 && verdict.step_s.value > 0;
}

void add_ranking(FamilyFigures& figures, std::span<const TrainVerdict* const> verdicts) {
    std::map<std::string_view, std::vector<const TrainVerdict*>> questions;
    for (const TrainVerdict* verdict : verdicts) questions[verdict->question].push_back(verdict);
    std::vector<double> regrets;
    double hits = 0;
    for (auto& [question, plans] : questions) {
        if (plans.size() < least_plans) continue;
        const auto measured = [](const TrainVerdict* plan) { return plan->measured_step_s; };
        const auto predicted = [](const TrainVerdict* plan) { return plan->step_s.value; };
        const double best_s = measured(*std::ranges::min_element(plans, {}, measured));
        std::ranges::sort(plans, {}, predicted);
        regrets.push_back(measured(plans.front()) / best_s - 1);
        const auto listed = std::span(plans).first(shortlist);
        if (std::ranges::any_of(listed, [&](auto* plan) { return measured(plan) <= best_s; }))
            ++hits;
    }
    figures.questions = static_cast<std::int64_t>(regrets.size());
    if (regrets.empty()) return;
    figures.mean_regret = mean_of(regrets);
    figures.worst_regret = std::ranges::max(regrets);
    figures.top_3 = hits / static_cast<double>(regrets.size());
}

}  // namespace

std::vector<TrainVerdict> predict_rows(const Knowledge& knowledge, std::span<const TrainRow> rows) {
    std::vector<TrainVerdict> verdicts;
    verdicts.reserve(rows.size());
    for (const TrainRow& row : rows) verdicts.push_back(predict(knowledge, row));
    return verdicts;
}

std::vector<FamilyFigures> figures_of(std::span<const TrainVerdict> verdicts) {
    std::map<std::string_view, std::vector<const TrainVerdict*>> families;
    std::map<std::string_view, std::int64_t> refused;
    for (const TrainVerdict& verdict : verdicts) {
        if (is_judged(verdict)) families[verdict.family].push_back(&verdict);
        if (verdict.measured_step_s > 0 && verdict.step_s.value <= 0) ++refused[verdict.family];
    }
    for (const auto& [family, count] : refused) families[family];
    std::vector<FamilyFigures> all;
    for (const auto& [family, judged] : families) {
        FamilyFigures figures{.family = std::string(family)};
        figures.refused = refused[family];
        std::vector<Judged> rows;
        for (const TrainVerdict* verdict : judged)
            rows.push_back({verdict->step_s, verdict->measured_step_s});
        figures.errors = error_figures_of(rows);
        add_ranking(figures, judged);
        all.push_back(std::move(figures));
    }
    return all;
}

}  // namespace dayu::plan
