// Chips as the pools of a test have them.
#pragma once

#include <vector>

#include "model/work.h"

namespace dayu::plan::testing {

inline const ChipSupply ascend{.chip = "Ascend910B",
                               .names = {"Ascend910B", "ascend-910b3"},
                               .node_chips = 8,
                               .most_chips = 512,
                               .cpus = 24,
                               .memory_mib = 196608};

inline PlanGround ground_of(const std::vector<ChipSupply>& supply) {
    return {.supply = supply, .measured = {}, .now = {}};
}

}  // namespace dayu::plan::testing
