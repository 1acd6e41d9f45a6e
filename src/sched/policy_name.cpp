#include "sched/policy_name.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/nearest.h"

namespace dayu::sched {

Result<std::size_t> place_of_policy(std::string_view family, std::string_view name,
                                    std::span<const std::string_view> names) {
    const auto at = std::ranges::find(names, name);
    if (at != names.end()) return static_cast<std::size_t>(at - names.begin());
    const std::string_view meant = nearest(name, names);
    return invalid("policy_unknown", fmt::format("no {} {}{}; there are: {}", family, name,
                                                 meant.empty() ? "" : fmt::format(" ({}?)", meant),
                                                 fmt::join(names, ", ")));
}

}  // namespace dayu::sched
