// The timings by name. To add one: a file beside this, a line in policies.h and one here.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/nearest.h"
#include "sched/timing/policies.h"

namespace dayu::sched {
namespace {

using Make = std::unique_ptr<TimingPolicy> (*)(const TimingSetting&);

constexpr std::array<std::string_view, 6> names{"survival",      "now",         "lowest-slot",
                                                "lowest-window", "carbon-time", "ecovisor"};
constexpr std::array<Make, names.size()> makers{survival_timing,    now_timing,
                                                lowest_slot_timing, lowest_window_timing,
                                                carbon_time_timing, ecovisor_timing};
constexpr std::array<std::string_view, 2> pausing{"survival", "ecovisor"};

}  // namespace

std::span<const std::string_view> timing_policy_names() { return names; }

Result<std::unique_ptr<TimingPolicy>> make_timing_policy(std::string_view name,
                                                         const TimingSetting& setting) {
    const auto at = std::ranges::find(names, name);
    if (at == names.end()) {
        const std::string_view meant = nearest(name, names);
        return invalid(
            "policy_unknown",
            fmt::format("no timing {}{}; there are: {}", name,
                        meant.empty() ? "" : fmt::format(" ({}?)", meant), fmt::join(names, ", ")));
    }
    if (setting.may_pause && std::ranges::find(pausing, name) == pausing.end()) {
        return invalid("policy_cannot_pause",
                       fmt::format("{} chooses the start and never pauses; those that do are: {}",
                                   name, fmt::join(pausing, ", ")));
    }
    return makers[static_cast<std::size_t>(at - names.begin())](setting);
}

}  // namespace dayu::sched
