// The world that a trace is replayed in (YAML): the centres, in the words of an agent's file (wire/center_file.h), and
// what the trace's jobs leave out. docs/guide/simulator.md describes every key.
//
//     centers:
//       - name: shanghai
//         ...
//     chips:                       # besides those of the registry; of one name, this one counts
//       - {name: P100, vendor: NVIDIA, memory_gib: 16, power_w: 250, source: "...", confidence: A}
//     jobs:
//       chip: P100
//       time_limit_factor: 2
//     queues:
//       - {project: group-1, weight: 2}
//     warm_up: 2d
//
// and what changes by itself (sim/changes_file.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/center.h"
#include "model/chip.h"
#include "model/dataset.h"
#include "model/job.h"
#include "model/queue.h"
#include "sim/changes.h"
#include "sim/trace.h"

namespace dayu::sim {

// What stands for what a trace leaves out. A 0 among the shares: as much as a chip's, or a CPU's, part of its node.
struct JobWords {
    std::string chip;  // canonical; empty: a job with GPUs never fits unless the trace names models
    std::vector<std::string> other_chips{};  // that will do as well for whoever does not name any
    std::int64_t cpus_per_chip = 0;
    std::int64_t memory_mib_per_chip = 0;
    std::int64_t memory_mib_per_cpu = 0;  // of a job without chips
    // Nobody asks for the time that a job will take to the second: where the trace has no requested time, the limit is
    // the duration times the factor, up to the next of these; beyond the last, to the next multiple of it.
    std::int64_t time_limit_factor_milli = 2000;
    std::vector<Duration> time_limits{};  // ascending; not empty once read
    Weights weights;                      // of `prefer`, as in a job file
    bool preemptible = false;
    bool checkpoints =
        false;  // a job that was stopped goes on from where it was, else it starts over
    Duration grace = seconds(30);
    Duration preempt_cost;                      // of work done again after each stop
    Duration move_cost;                         // and where it goes on in another centre
    Duration arrival_jitter = seconds(5 * 60);  // either way, by a seed other than 0
    std::optional<Duration> deadline_slack{};   // a job that waits longer has missed its deadline
    TraceReading reading;

    bool operator==(const JobWords&) const = default;
};

struct WorldFile {
    std::vector<Chip> chips;  // the registry's, and the file's own
    std::vector<Center> centers;
    JobWords jobs;
    std::vector<Queue> queues;
    std::vector<Dataset> datasets;  // that jobs read, by trace_queue() of their projects
    WorldChanges changes;
    Duration warm_up{};  // jobs that arrive in it, counted from the first, are not in the report
};

// The queue of a project of the trace, which World and quotas know it by.
std::string trace_queue(std::string_view project);

// `name` is what errors call the file; `registry` are the chips that the server would know.
Result<WorldFile> parse_world_file(const std::string& name, std::string_view text,
                                   const std::vector<Chip>& registry);

}  // namespace dayu::sim
