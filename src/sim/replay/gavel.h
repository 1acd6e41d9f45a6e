// Replays a stream of training jobs on three unlike kinds of chip, round by round, as the simulator of Gavel
// (OSDI 2020) does, so that policies can be compared under the rules of its authors: a job runs a round of
// 360 s or to its end; chips that fall free within a round stand idle until the next; servers hold one chip,
// so that only their number counts; moving costs nothing but what `switch_cost_s` says.
#pragma once

#include "base/result.h"
#include "sched/matching.h"
#include "sim/gavel.h"
#include "sim/traces/gavel_stream.h"
#include "sim/traces/throughputs.h"

namespace dayu::sim {

// exhausted: the jobs outgrow what a replay may hold, as with a policy that cannot bear the load.
Result<GavelFigures> replay_gavel(const Throughputs& throughputs, GavelStream stream,
                                  const sched::MatchingSetting& setting,
                                  sched::MatchingPolicy& policy, GavelWindow window);

}  // namespace dayu::sim
