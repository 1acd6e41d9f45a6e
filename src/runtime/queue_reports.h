// What there is to say of queues to people: how each is described, what it uses, and who waits in it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/money.h"
#include "base/time.h"
#include "model/queue.h"
#include "sched/world.h"

namespace dayu::runtime {

// All counts are of the queue and of those below it.
struct QueueReport {
    Queue queue;             // as it was described, or as one that nobody has
    bool described = false;  // else it is there because of its jobs, or of what lies below it
    std::vector<std::pair<std::string, std::int64_t>> used_milli;  // by chip, of those that run
    std::int64_t waiting = 0;  // that would start if there were room for them
    std::int64_t running = 0;  // that have a place, or for which one is kept
    Money used_per_hour;       // at list prices
    Money past_per_hour;       // the mean of its past
    Money share_per_hour;      // both by its weight
};

struct QueueChoice {
    std::string below;  // only this one and those below it; empty: all
    std::string after;  // only those behind this path
    std::size_t limit = 100;
};

// In the order of their paths.
std::vector<QueueReport> report_queues(const sched::World& world, const QueueChoice& choice,
                                       Time now);

}  // namespace dayu::runtime
