#include "plan/statistics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace dayu::plan {

double mean_of(const std::vector<double>& values) {
    return std::reduce(values.begin(), values.end()) / static_cast<double>(values.size());
}

double quantile_of(std::vector<double>& values, double part) {
    const auto count = static_cast<double>(values.size());
    const double rank = std::clamp(std::ceil(part * count), 1.0, count);
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank) - 1;
    std::ranges::nth_element(values, at);
    return *at;
}

}  // namespace dayu::plan
