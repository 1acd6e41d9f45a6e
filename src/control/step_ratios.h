// What planned attempts taught, for whoever plans or shows it.
#pragma once

#include <vector>

#include "control/state.h"
#include "model/work.h"

namespace dayu::control {

// By class of work, chip and framework.
std::vector<StepRatios> step_ratios(const State& state);

}  // namespace dayu::control
