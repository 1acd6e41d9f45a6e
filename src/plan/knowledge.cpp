#include "plan/knowledge.h"

#include <algorithm>

namespace dayu::plan {
namespace {

constexpr std::string_view any_chip = "any";
Result<Basis> basis_of(const Knowledge& knowledge, const Chip* chip, const Calibration* found) {
    Basis basis{.chip = chip, .calibration = found, .machine = {}, .grade = Grade::end_to_end};
    if (found == nullptr) {
        basis.calibration = knowledge.calibrations.of_framework(any_chip, "");
        basis.grade = chip->grade;
    }
    if (basis.calibration == nullptr) {
        return not_found("plan_calibration_missing",
                         "data/plan/calibrations.csv has none for chip \"any\", by which chips "
                         "without measurements are reckoned");
    }
    basis.machine = machine_of(*chip, basis.calibration->constants, basis.calibration->traits);
    return basis;
}

double residual_of(const Basis& basis, const TrainPlan& plan, bool is_measured) {
    const Calibration& calibration = *basis.calibration;
    const bool leaves_node = plan.chips() > basis.machine.fabric.node.chips;
    const double fitted = leaves_node   ? calibration.residual_90_network
                          : is_measured ? calibration.residual_90_measured
                                        : calibration.residual_90;
    switch (basis.grade) {
        case Grade::end_to_end: return fitted;
        case Grade::kernels: return std::max(fitted, least_kernel_residual);
        case Grade::specification: break;
    }
    return std::max(fitted, least_unmeasured_residual);
}

}  // namespace

Result<Basis> basis_of_family(const Knowledge& knowledge, std::string_view chip,
                              std::string_view family) {
    const Chip* const known = TRY(knowledge.chips.find(chip));
    return basis_of(knowledge, known, knowledge.calibrations.find(known->name, family));
}

Result<Basis> basis_of_framework(const Knowledge& knowledge, std::string_view chip,
                                 std::string_view framework) {
    const Chip* const known = TRY(knowledge.chips.find(chip));
    return basis_of(knowledge, known, knowledge.calibrations.of_framework(known->name, framework));
}

TrainForecast forecast(const Knowledge& knowledge, const Basis& basis, const TrainJob& job,
                       const TrainPlan& plan) {
    const Calibration& calibration = *basis.calibration;
    const LayerFactors* const measured =
        knowledge.layers.find(calibration.chip, calibration.framework, layer_class_of(job, plan));
    TrainForecast result;
    result.is_of_measured_layers = measured != nullptr;
    result.step =
        train_step(job, plan, basis.machine, measured != nullptr ? *measured : LayerFactors{});
    result.step_s = within(result.step.step_s, residual_of(basis, plan, measured != nullptr));
    return result;
}

}  // namespace dayu::plan
