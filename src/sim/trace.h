// What a published trace says of its jobs, in one form for all formats: what each asked for, when it came and how long
// it ran. What a format leaves out is 0 here, and the world file says what stands for it (sim/world_file.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/dataset.h"
#include "model/job.h"

namespace dayu::sim {

struct TraceJob {
    std::int64_t arrival_s = 0;  // from the first of the trace
    std::int64_t duration_s = 0;
    std::int64_t requested_s = 0;  // the time that its user asked for
    std::int64_t chips_milli = 0;  // over all nodes, as are
    std::int64_t cpus = 0;
    std::int64_t memory_mib = 0;
    std::uint32_t user = 0;  // numbered by the readers; so are
    std::uint32_t project = 0;
    std::uint32_t name = 0;    // what it runs; 0: unknown
    std::uint32_t models = 0;  // of chips that will do, Trace::models[models - 1]; 0: any
    // Of a journal: all that it asked for, Trace::specs[spec - 1], which stands for the above; 0: there is none.
    std::uint32_t spec = 0;
    Priority priority = Priority::normal;
    std::int64_t deadline_s = 0;  // from its arrival; 0: none

    auto operator<=>(const TraceJob&) const = default;
};

struct Trace {
    std::vector<TraceJob> jobs;  // in order of all that they say: the file's order does not matter
    std::vector<std::string>
        projects;  // by number; their names as the file has them, "all" where it has none
    std::vector<std::vector<std::string>> models{};  // as the file names them
    std::vector<JobSpec> specs{};
    std::vector<Dataset> datasets{};  // that those name
};

// How a file is read where its format leaves something open.
struct TraceReading {
    std::int64_t time_unit_s = 1;  // of pai: one file counts seconds, the other hours
    bool memory_in_bytes = false;  // of swf: bytes of the whole job, and not KiB of each processor

    bool operator==(const TraceReading&) const = default;
};

// openb    list of pods (traces/openb.h) with creation and deletion times
// philly   timestamp, duration, num_gpus, cluster: the cluster is the project
// pai      arrival_time, length, cpus
// journal  Dayu's own: a server's data folder, or a file with an entry a line (traces/journal.cpp)
// swf      the Standard Workload Format: 18 columns, `;` begins a comment; -1 is unknown; the group is the project
std::vector<std::string_view> trace_formats();

// not_found: no such file; invalid: it is not as its format says, or no such format.
Result<Trace> read_trace(const std::string& path, std::string_view format,
                         const TraceReading& reading);

}  // namespace dayu::sim
