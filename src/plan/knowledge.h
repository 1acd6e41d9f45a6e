// All that the planner of training starts from: the tables of data/plan, and what they say together of one chip with one
// framework.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "plan/calibration.h"
#include "plan/chips.h"
#include "plan/estimate.h"
#include "plan/known_models.h"
#include "plan/launch.h"
#include "plan/measured_layers.h"
#include "plan/train.h"

namespace dayu::plan {

struct Knowledge {
    Chips chips;
    Calibrations calibrations;
    MeasuredLayers layers;
    KnownModels models;
    Launchers launchers;
};

// What a prediction on one chip rests on.
struct Basis {
    const Chip* chip = nullptr;
    const Calibration* calibration = nullptr;
    Machine machine;
    Grade grade = Grade::specification;
};

// For rows of a family, or, where that is empty, with a framework ("": the one that was calibrated first). A chip without a
// calibration takes that of chip "any", and the grade of its kernels.
Result<Basis> basis_of_family(const Knowledge& knowledge, std::string_view chip,
                              std::string_view family);
Result<Basis> basis_of_framework(const Knowledge& knowledge, std::string_view chip,
                                 std::string_view framework);

struct TrainForecast {
    TrainStep step;
    Estimate step_s;
    bool is_of_measured_layers = false;
};

TrainForecast forecast(const Knowledge& knowledge, const Basis& basis, const TrainJob& job,
                       const TrainPlan& plan);

}  // namespace dayu::plan
