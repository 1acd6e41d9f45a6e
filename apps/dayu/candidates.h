// The candidate table as `offers`, `submit --dry-run` and `explain` show it: offers first, then what was
// refused and why.
#pragma once

#include "dayu/verb.h"
#include "wire/json.h"

namespace dayu::app {

// `answer` has `candidates` and `chosen`, as the server's offers and explanations do.
void print_candidates(const Globals& globals, const wire::Json& answer);

// "4/8 ChipNotHere, 1/8 RegionNotAllowed", the most frequent first; empty when nothing was refused.
std::string count_refusals(const wire::Json::Array& candidates);

}  // namespace dayu::app
