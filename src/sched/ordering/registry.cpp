// The orderings by name. To add one: a file beside this, a line in policies.h and one here.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/nearest.h"
#include "sched/ordering/policies.h"

namespace dayu::sched {
namespace {

using Make = std::unique_ptr<OrderingPolicy> (*)(const OrderingSetting&);

constexpr std::array<std::string_view, 5> names{"attained", "fifo", "sjf", "srtf", "oracle"};
constexpr std::array<Make, names.size()> makers{attained_ordering, fifo_ordering, sjf_ordering,
                                                srtf_ordering, oracle_ordering};

}  // namespace

std::span<const std::string_view> ordering_policy_names() { return names; }

Result<std::unique_ptr<OrderingPolicy>> make_ordering_policy(std::string_view name,
                                                             const OrderingSetting& setting) {
    const auto at = std::ranges::find(names, name);
    if (at == names.end()) {
        const std::string_view meant = nearest(name, names);
        return invalid(
            "policy_unknown",
            fmt::format("no ordering {}{}; there are: {}", name,
                        meant.empty() ? "" : fmt::format(" ({}?)", meant), fmt::join(names, ", ")));
    }
    return makers[static_cast<std::size_t>(at - names.begin())](setting);
}

}  // namespace dayu::sched
