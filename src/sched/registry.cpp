// The policies by name. To add one: docs/checklist/add-a-policy.md.
#include <algorithm>
#include <array>

#include "sched/policy.h"

// One line a policy: the function at the end of its file. The first is the default.
// clang-format off
#define DAYU_POLICIES(policy) \
    policy(least_cost)        \
    policy(learned)           \
    policy(spread)

// clang-format on

namespace dayu::sched {

#define DAYU_DECLARE(function) const Policy& function();
DAYU_POLICIES(DAYU_DECLARE)

namespace {

#define DAYU_LIST(function) &function,
constexpr std::array policies{DAYU_POLICIES(DAYU_LIST)};

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
