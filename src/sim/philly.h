// A queue of real jobs replayed on one pool of equal GPUs under an ordering (sched/ordering.h): experiment E of
// docs/results.md, on the trace of Microsoft's Philly cluster. Virtual time jumps from event to event, so that
// three months take a second or so.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "sched/ordering.h"

namespace dayu::sim {

struct PooledJob {
    std::int64_t arrival_s = 0;
    std::int64_t duration_s = 0;
    std::int64_t chips = 1;
    std::uint32_t project = 0;
};

// Columns timestamp ("2017-10-09 07:01:55"), duration, num_gpus, cluster. Arrivals count from the first, and
// durations are cut to whole seconds. In order of (arrival, duration, chips).
Result<std::vector<PooledJob>> read_philly(const std::string& path);

// The same, and what the clusters are called, by the number that a job has as its project.
struct NamedClusters {
    std::vector<PooledJob> jobs;
    std::vector<std::string> clusters;
};
Result<NamedClusters> read_philly_clusters(const std::string& path);

struct PooledSetting {
    std::int64_t chips = 1;
    std::int64_t chips_a_node = 0;    // 0: any chips make a gang, wherever they are
    std::int64_t preempt_cost_s = 0;  // of work done again by a job that is stopped or moved
};

struct PooledReport {
    double jct_mean_s = 0;
    std::int64_t wait_p999_s = 0;  // of finish - arrival - duration; 999 of 1,000 waited no longer
    std::int64_t preemptions = 0;
    std::int64_t moves = 0;  // to other nodes, without being stopped for others
};

// The jobs in order of arrival. At one instant ends come first, then all arrivals, then starts.
// invalid: a job is larger than the pool.
Result<PooledReport> replay_pooled(const std::vector<PooledJob>& jobs, const PooledSetting& setting,
                                   sched::OrderingPolicy& policy);

}  // namespace dayu::sim
