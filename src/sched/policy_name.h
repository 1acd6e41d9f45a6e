// Policies of a family by name.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/result.h"

namespace dayu::sched {

// Where `name` stands among `names`; otherwise `policy_unknown`, with the nearest and all that there are. `family` is for
// the message: "matching".
Result<std::size_t> place_of_policy(std::string_view family, std::string_view name,
                                    std::span<const std::string_view> names);

}  // namespace dayu::sched
