// Who comes first for a place that a waiting job wants: told from ranks and shares, as a round would go through them,
// without going through the jobs.
#pragma once

#include <vector>

#include "sched/decide.h"
#include "sched/world.h"

namespace dayu::sched {

// The most first; equal ones by path. Of the job's own queue those of a better rank. Of another as many as it takes,
// one after the other, until its share of what is used is as large as that of the job's queue will be by then; of an
// equal share those of a better rank. An estimate for the next rounds: who is submitted later may still go first.
std::vector<QueueAhead> jobs_ahead(const World& world, const Candidate& place, JobId job, Time now);

}  // namespace dayu::sched
