// Means and quantiles as the reports of replays have them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace dayu::sim {

// The smallest that at least `per_mille` of 1,000 do not exceed (nearest rank); of sorted values, at least one.
template <class Value>
Value nearest_rank(const std::vector<Value>& sorted, std::size_t per_mille) {
    const std::size_t rank = (sorted.size() * per_mille + 999) / 1000;
    return sorted[std::max<std::size_t>(rank, 1) - 1];
}

// 0 of none.
inline double mean(std::span<const double> values) {
    double sum = 0;
    for (const double value : values) sum += value;
    return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

}  // namespace dayu::sim
