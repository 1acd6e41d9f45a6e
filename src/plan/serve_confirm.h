// Confirms an offer of a search by replay: means are reckoned, promises are kept at a quantile. The numbers of replicas are moved
// until they are the fewest with which a trace meets the targets; each try is one replay.
#pragma once

#include "plan/serve_search.h"

namespace dayu::plan {

struct ConfirmedOffer {
    ServeOffer offer;
    ReplayFigures figures;
    bool keeps_targets = false;  // false: not with four times the replicas either
};

ConfirmedOffer confirm(const ServeTrace& trace, const ServeJob& job, const ServeMachine& machine,
                       const ServeOffer& offer);

// The same with requests drawn at the job's rate and lengths: as many as it takes until what the empty beginning spoils weighs
// little. Of a fleet of many hundred equal replicas a part is replayed, with its part of the requests; it stands for all.
ConfirmedOffer confirm_drawn(const ServeJob& job, const ServeMachine& machine,
                             const ServeOffer& offer, std::uint64_t seed);

// What the means of a search rest on, of a trace: lengths, and the part of prompts that came before, as a cache without end would
// find them.
void describe_trace(const ServeTrace& trace, ServeJob& job);

}  // namespace dayu::plan
