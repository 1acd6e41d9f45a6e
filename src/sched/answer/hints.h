// What would start a waiting job sooner: each hint lifts one rule, weighs anew, and is given only where that helps.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sched/policy.h"
#include "sched/world.h"

namespace dayu::sched {

struct HintsFor {
    const World& world;
    const Policy& policy;
    const JobSpec& spec;
    const QueuedJob& job;
    Time now;
    std::optional<Time> start;  // as it is; none: never
};

std::vector<std::string> hints(const HintsFor& what);

// "now", "in 4 min": as exact as an estimate by time limits deserves.
std::string in_words(Duration until_start);

}  // namespace dayu::sched
