// What of the running jobs may be stopped for others: by the pool where they run, and by queue.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/ids.h"
#include "model/job.h"
#include "sched/queue_use.h"

namespace dayu::sched {

class Preemptible {
   public:
    using Jobs = std::set<JobId>;

    void add(JobId job, CenterId center, const std::string& pool, QueueId queue,
             Priority priority) {
        pools_[{center, pool}].insert(job);
        if (queue.value >= queues_.size()) queues_.resize(queue.value + 1);
        ++queues_[queue.value][static_cast<std::size_t>(priority)];
    }
    void remove(JobId job, CenterId center, const std::string& pool, QueueId queue,
                Priority priority) {
        const auto at = pools_.find({center, pool});
        if (at == pools_.end() || at->second.erase(job) == 0) return;
        if (at->second.empty()) pools_.erase(at);
        --queues_[queue.value][static_cast<std::size_t>(priority)];
    }

    bool empty() const { return pools_.empty(); }
    const Jobs& in(CenterId center, const std::string& pool) const {
        static const Jobs none;
        const auto at = pools_.find({center, pool});
        return at == pools_.end() ? none : at->second;
    }
    // Whether the queue itself has a job of a lower priority among them.
    bool has_below(QueueId queue, Priority priority) const {
        if (queue.value >= queues_.size()) return false;
        for (std::size_t i = 0; i < static_cast<std::size_t>(priority); ++i) {
            if (queues_[queue.value][i] > 0) return true;
        }
        return false;
    }

   private:
    static constexpr std::size_t priorities = enum_names(Type<Priority>{}).size();

    std::map<std::pair<CenterId, std::string>, Jobs> pools_;
    std::vector<std::array<std::uint32_t, priorities>> queues_;
};

}  // namespace dayu::sched
