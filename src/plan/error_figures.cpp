#include "plan/error_figures.h"

#include <cmath>
#include <vector>

#include "plan/statistics.h"

namespace dayu::plan {
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
            .mean_error = mean_of(errors),
            .median_error = quantile_of(errors, 0.5),
            .bias = mean_of(signed_errors),
            .p90_error = quantile_of(errors, 0.9),
            .coverage = covered / static_cast<double>(rows.size())};
}

}  // namespace dayu::plan
