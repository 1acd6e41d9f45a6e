// Standard compute units: what a chip gets done of a class of work, relative to one A100-80GB. It is told by a reference training
// of that class on one node of each, as it is forecast and as attempts of the class have corrected that: measured where there are attempts,
// and with the interval of its evidence where there are none.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "model/work.h"
#include "plan/knowledge.h"

namespace dayu::plan {

struct ScuRow {
    std::string work;  // "pretrain dense bf16"
    std::string chip;  // as the planner calls it
    std::string framework;
    Estimate scu;  // of one chip
    Grade grade = Grade::specification;
    StepRatios measured;  // of this chip; no attempts: nothing
};

// The class that every chip has a row of, and those that attempts have measured. Chips on which no plan fits are left out.
Result<std::vector<ScuRow>> scu_table(const Knowledge& knowledge,
                                      std::span<const StepRatios> measured);

}  // namespace dayu::plan
