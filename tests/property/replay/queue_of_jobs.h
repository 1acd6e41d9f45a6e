// A world of one or two centres and the jobs that come to it, out of one seed: crowded for most of the time, with gangs,
// parts of chips, limits that are reached or not, and projects of unlike weight.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/attempt.h"
#include "model/ids.h"
#include "sim/trace.h"
#include "sim/world_file.h"

namespace dayu::property {

enum class Crowd {
    mixed,  // several projects; some lend what is guaranteed to them, and call it back
    single_file,  // one project in one pool: who comes first starts first, or is passed by those that delay nobody
};

struct QueueOfJobs {
    sim::WorldFile world;
    sim::Trace trace;
};

QueueOfJobs queue_of_jobs(std::uint64_t seed, Crowd crowd);

// One start of a job, or its end, in words that name all that was decided.
struct Happening {
    Time at;
    std::string what;

    bool operator==(const Happening&) const = default;
};

std::string started(JobId job, CenterId center, const std::string& pool,
                    const std::vector<NodeShare>& nodes);
std::string ended(JobId job);

}  // namespace dayu::property
