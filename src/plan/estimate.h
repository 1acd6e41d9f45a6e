#pragma once

#include <cmath>

namespace dayu::plan {

// A figure with the interval that holds 90 % of measurements.
struct Estimate {
    double value = 0;
    double low = 0;
    double high = 0;
};

// `residual` is the quantile of |ln(predicted/measured)|.
inline Estimate within(double value, double residual) {
    const double spread = std::exp(residual);
    return {.value = value, .low = value / spread, .high = value * spread};
}

// What is not measured end to end is less sure than what is, whatever the constants that were fitted elsewhere left over. A chip
// that nobody measured is off by 35 % either way at least: ln(1/0.65).
inline constexpr double least_unmeasured_residual = 0.431;
inline constexpr double least_kernel_residual = 0.25;

}  // namespace dayu::plan
