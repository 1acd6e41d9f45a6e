// State as sorted lines of text, one a row, stored and derived tables alike: two States are equal when
// their texts are, and where they are not the difference can be read.
#pragma once

#include <string>

#include "control/state.h"

namespace dayu::scenario {

std::string state_text(const control::State& state);
// The lines that only one of them has, marked - and +; empty: they are equal.
std::string difference(const std::string& before, const std::string& after);

}  // namespace dayu::scenario
