// How far off predictions were.
#pragma once

#include <cstdint>
#include <span>

#include "plan/estimate.h"

namespace dayu::plan {

struct Judged {
    Estimate predicted;
    double measured = 0;
};

// Errors are relative: predicted/measured - 1.
struct ErrorFigures {
    std::int64_t rows = 0;
    double mean_error = 0;  // MAPE
    double median_error = 0;
    double bias = 0;
    double p90_error = 0;
    double coverage = 0;  // part of measurements inside their interval
};

ErrorFigures error_figures_of(std::span<const Judged> rows);

}  // namespace dayu::plan
