// The policies of matching by name. To add one: a file beside this, a line in policies.h and one here.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/nearest.h"
#include "sched/matching/policies.h"

namespace dayu::sched {
namespace {

using Make = std::unique_ptr<MatchingPolicy> (*)(const MatchingSetting&);

constexpr std::array<std::string_view, 4> names{"advantage", "fifo", "las", "gavel"};
constexpr std::array<Make, names.size()> makers{matching::advantage_matching,
                                                matching::fifo_matching, matching::las_matching,
                                                matching::gavel_matching};
constexpr std::string_view only_one_that_shares = names[0];

}  // namespace

std::span<const std::string_view> matching_policy_names() { return names; }

Result<std::unique_ptr<MatchingPolicy>> make_matching_policy(std::string_view name,
                                                             const MatchingSetting& setting) {
    const auto at = std::ranges::find(names, name);
    if (at == names.end()) {
        const std::string_view meant = nearest(name, names);
        return invalid(
            "policy_unknown",
            fmt::format("no matching {}{}; there are: {}", name,
                        meant.empty() ? "" : fmt::format(" ({}?)", meant), fmt::join(names, ", ")));
    }
    if (setting.pairs != nullptr && name != only_one_that_shares) {
        return invalid("policy_does_not_share",
                       fmt::format("{} gives each job chips of its own; only {} lets two share",
                                   name, only_one_that_shares));
    }
    return makers[static_cast<std::size_t>(at - names.begin())](setting);
}

}  // namespace dayu::sched
