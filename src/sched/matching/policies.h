// The policies of matching, by which the registry makes them. Private to matching/.
#pragma once

#include <memory>

#include "sched/matching.h"

namespace dayu::sched::matching {

std::unique_ptr<MatchingPolicy> fifo_matching(const MatchingSetting& setting);
std::unique_ptr<MatchingPolicy> las_matching(const MatchingSetting& setting);
std::unique_ptr<MatchingPolicy> gavel_matching(const MatchingSetting& setting);
std::unique_ptr<MatchingPolicy> advantage_matching(const MatchingSetting& setting);

}  // namespace dayu::sched::matching
