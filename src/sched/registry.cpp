// The policies by name. To add one: docs/checklist/add-a-policy.md.
#include <algorithm>
#include <array>

#include "sched/policy.h"

namespace dayu::sched {

const Policy& least_cost();
const Policy& spread();

namespace {

// The first is the default.
const std::array policies{
    &least_cost,
    &spread,
};

}  // namespace

std::vector<std::string_view> policy_names() {
    std::vector<std::string_view> names;
    for (const auto policy : policies) names.push_back(policy().name());
    return names;
}

const Policy* find_policy(std::string_view name) {
    const auto at =
        std::ranges::find(policies, name, [](const auto policy) { return policy().name(); });
    return at == policies.end() ? nullptr : &(*at)();
}

}  // namespace dayu::sched
