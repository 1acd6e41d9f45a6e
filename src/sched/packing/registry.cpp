// The packing policies by name, the default first.
#include <algorithm>
#include <array>

#include "sched/packing/policies.h"

namespace dayu::sched {
namespace {

struct Entry {
    std::string_view name;
    std::unique_ptr<PackingPolicy> (*make)();
};

constexpr std::array entries{Entry{"prospect", prospect}, Entry{"fgd", fgd},
                             Entry{"best-fit", best_fit}, Entry{"gpu-packing", gpu_packing}};

}  // namespace

std::vector<std::string_view> packing_policy_names() {
    std::vector<std::string_view> names;
    for (const Entry& entry : entries) names.push_back(entry.name);
    return names;
}

std::unique_ptr<PackingPolicy> make_packing_policy(std::string_view name) {
    const auto at = std::ranges::find(entries, name, &Entry::name);
    return at == entries.end() ? nullptr : at->make();
}

}  // namespace dayu::sched
