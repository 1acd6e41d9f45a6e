// What of the running jobs may be stopped for others: by the pool where they run, and by queue.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "model/ids.h"
#include "model/job.h"
#include "sched/queue_use.h"

namespace dayu::sched {

struct PreemptibleJob {
    JobId job;
    QueueId queue;
    Priority priority = Priority::normal;
    std::int64_t chips_milli = 0;  // over all its nodes; CPUs in thousandths where it has none
    Time placed;
};

class Preemptible {
   public:
    using Jobs = std::vector<PreemptibleJob>;  // in order of their ids

    void add(const PreemptibleJob& job, CenterId center, const std::string& pool) {
        Jobs& jobs = pools_[{center, pool}];
        jobs.insert(std::ranges::lower_bound(jobs, job.job, {}, &PreemptibleJob::job), job);
        if (job.queue.value >= queues_.size()) queues_.resize(job.queue.value + 1);
        ++count(job);
    }
    void remove(JobId job, CenterId center, const std::string& pool) {
        const auto of_pool = pools_.find({center, pool});
        if (of_pool == pools_.end()) return;
        Jobs& jobs = of_pool->second;
        const auto at = std::ranges::lower_bound(jobs, job, {}, &PreemptibleJob::job);
        if (at == jobs.end() || at->job != job) return;
        --count(*at);
        jobs.erase(at);
        if (jobs.empty()) pools_.erase(of_pool);
    }

    bool empty() const { return pools_.empty(); }
    std::span<const PreemptibleJob> in(CenterId center, const std::string& pool) const {
        const auto at = pools_.find({center, pool});
        if (at == pools_.end()) return {};
        return at->second;
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
    std::uint32_t& count(const PreemptibleJob& job) {
        return queues_[job.queue.value][static_cast<std::size_t>(job.priority)];
    }

    static constexpr std::size_t priorities = enum_names(Type<Priority>{}).size();

    std::map<std::pair<CenterId, std::string>, Jobs> pools_;
    std::vector<std::array<std::uint32_t, priorities>> queues_;
};

}  // namespace dayu::sched
