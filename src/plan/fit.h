// Fits the constants of a calibration to measured steps, by the simplex of Nelder and Mead (1965) in the logarithms of the
// constants, between the bounds of each, from several starts. What is least is the mean of |ln(predicted/measured)|, which
// outlying rows cannot pull far.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "plan/calibration.h"
#include "plan/train.h"

namespace dayu::plan {

struct MeasuredStep {
    TrainJob job;
    TrainPlan plan;
    double step_s = 0;
    std::uint32_t model = 0;     // rows of one model are held out together
    std::uint32_t question = 0;  // the same model, batch and count of chips under other plans
    LayerFactors factors;        // of its class, where they are known
};

struct FitSetting {
    const Chip* chip = nullptr;
    FrameworkTraits traits;
    Constants start;
    std::vector<std::string_view>
        held;  // constants that stay at their start: the rows do not tell them
    std::uint32_t starts = 4;
    std::uint32_t evaluations = 3000;  // of each start
    std::uint64_t seed = 1;
};

Constants fit(std::span<const MeasuredStep> rows, const FitSetting& setting);

// |ln(predicted/measured)| of each row.
std::vector<double> residuals(std::span<const MeasuredStep> rows, const Machine& machine);

// The quantile that covers 90 % of further residuals, if those are drawn as these were (split conformal prediction).
double conformal_90(std::vector<double> residuals);

}  // namespace dayu::plan
