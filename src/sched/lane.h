// The jobs of one class and priority that wait in one queue, in order of rank. Most come last and leave
// first, which costs nothing here; any other place costs a move of the nearer end.
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "model/ids.h"
#include "model/job.h"
#include "sched/queue_use.h"

namespace dayu::sched {

// Who comes first within a queue: the time of submit, moved by the priority; then the lower id. It never
// changes, so that waiting and priority are one number, and nothing waits behind better ones for ever.
struct Rank {
    Time at;
    JobId job;

    auto operator<=>(const Rank&) const = default;
};
Time ranked_from(Time submitted, Priority priority);
Time submitted_at(Time ranked_from, Priority priority);

using LaneId = Id<struct LaneTag, std::uint32_t>;          // a place in Waiting::lanes()
using JobClassId = Id<struct JobClassTag, std::uint32_t>;  // a place in Waiting::classes()

class Lane {
   public:
    Lane() = default;
    Lane(QueueId queue, JobClassId job_class, Priority priority)
        : queue_(queue), class_(job_class), priority_(priority) {}

    QueueId queue() const { return queue_; }
    JobClassId job_class() const { return class_; }
    Priority priority() const { return priority_; }

    bool empty() const { return size() == 0; }
    std::size_t size() const { return ranks_.size() - head_; }
    const Rank& operator[](std::size_t index) const { return ranks_[head_ + index]; }
    const Rank& front() const { return ranks_[head_]; }
    std::size_t count_before(const Rank& rank) const;

    void insert(const Rank& rank);
    void erase(const Rank& rank);  // which is there

   private:
    QueueId queue_;
    JobClassId class_;
    Priority priority_ = Priority::normal;
    std::uint32_t head_ = 0;  // what lies before it is free
    std::vector<Rank> ranks_;
};

}  // namespace dayu::sched
