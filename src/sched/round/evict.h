// Preemption inside one pool, as evict and reschedule: all that may be stopped is taken out in thought, the
// job is placed, and what was taken out is put back, the most important first, as far as it fits. What
// does not fit are the victims: none of them could be spared.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/time.h"
#include "sched/pool_view.h"

namespace dayu::sched {

// What a running job is beside the one that wants its place. A claim's place is nobody's to take: neither.
struct Standing {
    bool may_be_stopped = false;
    bool is_stopping = false;      // its place becomes free without us
    std::int64_t importance = 0;   // the least important are stopped first
    std::int64_t chips_milli = 0;  // over all its nodes; CPUs in thousandths where it has none
    Duration ran{};                // work that a stop may lose
};

struct Eviction {
    std::vector<NodeShare> nodes;  // for the job
    std::vector<JobId> victims;    // in order of their ids
    // What it costs: first the chips of the victims, then their work: chips (milli) times milliseconds, held at
    // the end of 64 bits.
    std::int64_t chips_milli = 0;
    std::int64_t lost = 0;
};

// Nodes that are closed or set aside are left alone. Nothing where even all victims would not do, or where no
// victim is needed but what is stopping already: then there is nothing to do but wait.
std::optional<Eviction> evict(const PoolView& view, const Resources& needs, std::int64_t nodes,
                              const std::function<Standing(JobId)>& standing_of);

}  // namespace dayu::sched
