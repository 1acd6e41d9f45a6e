// The chips that a job may use, for whoever plans what it takes of them.
#pragma once

#include <vector>

#include "control/state.h"
#include "model/job.h"
#include "model/work.h"

namespace dayu::control {

// By kind, in the order of their names; of all pools that do not refuse the job for ever: by its region, tier, security or
// class of data. What runs there is not looked at.
std::vector<ChipSupply> chip_supply(const State& state, const JobSpec& spec);

}  // namespace dayu::control
