// The policies of matching by name. To add one: a file beside this, a line in policies.h and one here.
#include <array>

#include <fmt/format.h>

#include "sched/matching/policies.h"
#include "sched/policy_name.h"

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
    const std::size_t at = TRY(place_of_policy("matching", name, names));
    if (setting.pairs != nullptr && name != only_one_that_shares) {
        return invalid("policy_does_not_share",
                       fmt::format("{} gives each job chips of its own; only {} lets two share",
                                   name, only_one_that_shares));
    }
    return makers[at](setting);
}

}  // namespace dayu::sched
