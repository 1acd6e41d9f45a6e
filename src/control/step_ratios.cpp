#include "control/step_ratios.h"

namespace dayu::control {

std::vector<StepRatios> step_ratios(const State& state) {
    std::vector<StepRatios> all;
    for (const auto& [key, row] : state.step_ratios.rows()) {
        all.push_back({.work = key.work,
                       .chip = key.chip,
                       .framework = key.framework,
                       .attempts = row.attempts,
                       .sum_ppm = row.sum_ppm,
                       .squares_ppm = row.squares_ppm,
                       .version = row.version.value});
    }
    return all;
}

}  // namespace dayu::control
