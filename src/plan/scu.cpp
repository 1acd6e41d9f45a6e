#include "plan/scu.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "plan/train_search.h"

namespace dayu::plan {
namespace {

constexpr std::string_view reference_chip = "A100-80GB";
constexpr std::string_view first_work = "pretrain dense bf16";
// What stands for a class: models that fit on a node of most chips.
constexpr std::string_view dense_model = "LLaMA2-7B";
constexpr std::string_view sparse_model = "Mixtral-8x7B";
constexpr double reference_sequence = 4096;
constexpr double reference_batch = 256;

// Tokens a second of one chip, without the unit: what matters are ratios.
struct Rate {
    double value = 0;
    double residual_90 = 0;
};

bool holds(std::string_view work, std::string_view word) {
    return work.find(word) != std::string_view::npos;
}

// nullopt: the tables do not have the model.
std::optional<TrainJob> reference_of(const Knowledge& knowledge, std::string_view work) {
    const Transformer* const model =
        knowledge.models.find(holds(work, "moe") ? sparse_model : dense_model);
    if (model == nullptr) return {};
    TrainJob job{.model = *model, .sequence = reference_sequence, .global_batch = reference_batch};
    if (holds(work, "fp8")) job.precision = Precision::fp8;
    if (holds(work, "finetune")) job.task = TrainTask::finetune;
    if (holds(work, "lora")) job.task = TrainTask::lora;
    return job;
}

StepRatios ratios_on(const Knowledge& knowledge, std::span<const StepRatios> measured,
                     std::string_view work, const Basis& basis) {
    for (const StepRatios& one : measured) {
        const Result<const Chip*> chip = knowledge.chips.find(one.chip);
        if (one.work == work && chip && *chip == basis.chip &&
            one.framework == basis.calibration->framework)
            return one;
    }
    return {};
}

std::optional<Rate> rate_on(const Knowledge& knowledge, const TrainJob& job, const Basis& basis,
                            const StepRatios& measured) {
    const double chips = basis.machine.fabric.node.chips;
    const TrainSearchResult found = train_search(job, basis.machine, {.chips = chips});
    std::optional<Estimate> best;
    for (const RankedPlan& ranked : found.plans) {
        const Estimate step_s = forecast(knowledge, basis, job, ranked.plan).step_s;
        if (!best || step_s.value < best->value) best = step_s;
    }
    if (!best) return {};
    const double before = std::log(best->high / best->value);
    const double factor = correction_of(measured, before).factor;
    const double after =
        measured.attempts > 0 ? correction_of(measured, before).residual_90 : before;
    return Rate{.value = 1 / (best->value * factor * chips), .residual_90 = after};
}

}  // namespace

Result<std::vector<ScuRow>> scu_table(const Knowledge& knowledge,
                                      std::span<const StepRatios> measured) {
    std::set<std::string> works{std::string(first_work)};
    for (const StepRatios& one : measured) works.insert(one.work);
    std::vector<ScuRow> rows;
    for (const std::string& work : works) {
        const std::optional<TrainJob> job = reference_of(knowledge, work);
        if (!job) continue;
        const Basis unit_basis = TRY(basis_of_framework(knowledge, reference_chip, ""));
        const std::optional<Rate> unit =
            rate_on(knowledge, *job, unit_basis, ratios_on(knowledge, measured, work, unit_basis));
        if (!unit) continue;
        for (const Chip& chip : knowledge.chips.all()) {
            const Basis basis = TRY(basis_of_framework(knowledge, chip.name, ""));
            ScuRow row{.work = work,
                       .chip = chip.name,
                       .framework = basis.calibration->framework,
                       .grade = basis.grade,
                       .measured = ratios_on(knowledge, measured, work, basis)};
            const std::optional<Rate> rate = rate_on(knowledge, *job, basis, row.measured);
            if (!rate) continue;
            const bool is_unit = basis.chip == unit_basis.chip;
            const double spread =
                is_unit ? 1 : std::exp(std::hypot(rate->residual_90, unit->residual_90));
            const double scu = rate->value / unit->value;
            row.scu = {.value = scu, .low = scu / spread, .high = scu * spread};
            rows.push_back(std::move(row));
        }
    }
    return rows;
}

}  // namespace dayu::plan
