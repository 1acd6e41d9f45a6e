// The orderings by name. To add one: a file beside this, a line in policies.h and one here.
#include <array>

#include "sched/ordering/policies.h"
#include "sched/policy_name.h"

namespace dayu::sched {
namespace {

using Make = std::unique_ptr<OrderingPolicy> (*)(const OrderingSetting&);

constexpr std::array<std::string_view, 6> names{"siblings", "attained", "fifo",
                                                "sjf",      "srtf",     "oracle"};
constexpr std::array<Make, names.size()> makers{siblings_ordering, attained_ordering,
                                                fifo_ordering,     sjf_ordering,
                                                srtf_ordering,     oracle_ordering};

}  // namespace

std::span<const std::string_view> ordering_policy_names() { return names; }

Result<std::unique_ptr<OrderingPolicy>> make_ordering_policy(std::string_view name,
                                                             const OrderingSetting& setting) {
    const std::size_t at = TRY(place_of_policy("ordering", name, names));
    return makers[at](setting);
}

}  // namespace dayu::sched
