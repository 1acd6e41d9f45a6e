// Nodes and requests for the tests of packing, in a line each.
#pragma once

#include <algorithm>
#include <vector>

#include "sched/fleet.h"
#include "sched/packing.h"

namespace dayu::sched::testing {

inline NodeState node_with(std::int64_t cpu_milli, std::vector<std::int16_t> left,
                           std::int32_t model = 0) {
    NodeState node{.model = model, .cpu_milli = cpu_milli, .left = ChipsLeft(left.size(), 0)};
    std::ranges::copy(left, node.left.begin());
    return node;
}

inline PackRequest chips(std::int32_t count, std::int32_t milli = whole_chip) {
    return {.cpu_milli = 1000, .memory_mib = 10, .chips = count, .chip_milli = milli};
}

}  // namespace dayu::sched::testing
