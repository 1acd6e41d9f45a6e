#include "plan/fit.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "plan/constant_space.h"

namespace dayu::plan {
std::vector<double> residuals(std::span<const MeasuredStep> rows, const Machine& machine) {
    std::vector<double> errors;
    errors.reserve(rows.size());
    for (const MeasuredStep& row : rows) {
        const double predicted_s = train_step(row.job, row.plan, machine, row.factors).step_s;
        errors.push_back(std::abs(std::log(predicted_s / row.step_s)));
    }
    return errors;
}

Constants fit(std::span<const MeasuredStep> rows, const FitSetting& setting) {
    const ConstantSpace<Constants> space(constant_fields, setting.start, setting.held);
    const auto loss = [&](const Constants& constants) {
        const std::vector<double> errors =
            residuals(rows, machine_of(*setting.chip, constants, setting.traits));
        return std::reduce(errors.begin(), errors.end()) / static_cast<double>(errors.size());
    };
    return fit_constants(
        space, setting.start, loss,
        {.starts = setting.starts, .evaluations = setting.evaluations, .seed = setting.seed});
}

double conformal_90(std::vector<double> residuals) {
    if (residuals.empty()) return 0;
    std::ranges::sort(residuals);
    const double count = static_cast<double>(residuals.size());
    const double rank = std::min(count, std::ceil(0.9 * (count + 1)));
    return residuals[static_cast<std::size_t>(rank) - 1];
}

}  // namespace dayu::plan
