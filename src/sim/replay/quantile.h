// Quantiles as the reports of replays have them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace dayu::sim {

// The smallest that at least `per_mille` of 1,000 do not exceed (nearest rank); of sorted values, at least one.
template <class Value>
Value nearest_rank(const std::vector<Value>& sorted, std::size_t per_mille) {
    const std::size_t rank = (sorted.size() * per_mille + 999) / 1000;
    return sorted[std::max<std::size_t>(rank, 1) - 1];
}

}  // namespace dayu::sim
