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

// As many requests as it takes until what the empty beginning spoils weighs little.
ServeTrace trace_for(const ServeJob& job, double e2e_s, std::uint64_t seed);

// What the means of a search rest on, of a trace: lengths, and the part of prompts that came before, as a cache without end would
// find them.
void describe_trace(const ServeTrace& trace, ServeJob& job);

}  // namespace dayu::plan
