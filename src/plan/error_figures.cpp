#include "plan/error_figures.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace dayu::plan {
namespace {

double mean(const std::vector<double>& values) {
    return std::reduce(values.begin(), values.end()) / static_cast<double>(values.size());
}

double quantile(std::vector<double>& values, double part) {
    const double rank = std::ceil(part * static_cast<double>(values.size()));
    const auto at = static_cast<std::size_t>(std::max(1.0, rank)) - 1;
    std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(at));
    return values[at];
}

}  // namespace

ErrorFigures error_figures_of(std::span<const Judged> rows) {
    if (rows.empty()) return {};
    std::vector<double> errors, signed_errors;
    double covered = 0;
    for (const auto& [predicted, measured] : rows) {
        signed_errors.push_back(predicted.value / measured - 1);
        errors.push_back(std::abs(signed_errors.back()));
        if (measured >= predicted.low && measured <= predicted.high) ++covered;
    }
    return {.rows = std::ssize(rows),
            .mean_error = mean(errors),
            .median_error = quantile(errors, 0.5),
            .bias = mean(signed_errors),
            .p90_error = quantile(errors, 0.9),
            .coverage = covered / static_cast<double>(rows.size())};
}

}  // namespace dayu::plan
