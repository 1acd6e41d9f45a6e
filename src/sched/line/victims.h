// Whom a job with less left may stop, to have nodes of one pool.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "sched/round/pool_plan.h"

namespace dayu::sched {

struct Ousting {
    std::vector<std::int64_t> nodes;
    std::vector<JobId> victims;  // none twice, and none that was asked already
};

// The nodes on which the fewest have to go for a gang of `spec`: those with the most left first, and nobody with no more
// left than `left_of_job`. Nothing where that does not make room enough.
std::optional<Ousting> find_ousting(const World& world, const PoolPlan& plan, const JobSpec& spec,
                                    Duration left_of_job,
                                    const std::function<Duration(JobId)>& left);

}  // namespace dayu::sched
