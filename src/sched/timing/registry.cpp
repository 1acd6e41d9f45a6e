// The timings by name. To add one: a file beside this, a line in policies.h and one here.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "sched/policy_name.h"
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
    const std::size_t at = TRY(place_of_policy("timing", name, names));
    if (setting.may_pause && std::ranges::find(pausing, name) == pausing.end()) {
        return invalid("policy_cannot_pause",
                       fmt::format("{} chooses the start and never pauses; those that do are: {}",
                                   name, fmt::join(pausing, ", ")));
    }
    return makers[at](setting);
}

}  // namespace dayu::sched
