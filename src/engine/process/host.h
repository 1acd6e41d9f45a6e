// What this machine lets the engine do, found out once: as which user jobs run, and whether that user
// can reach the work root at all.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/process/cgroup.h"
#include "model/center.h"

namespace dayu::engine {

struct JobUser {
    std::int64_t uid = -1;  // -1: as the agent, which has no right to change it
    std::int64_t gid = -1;
    std::vector<std::int64_t> groups;
    std::string name;
};

// `run_as`, or dayu-job where there is such a user, or nobody. Never root.
Result<JobUser> find_job_user(const std::string& run_as);

// "", or why that user cannot enter the folder.
std::string why_unreachable(const JobUser& user, const std::string& directory);

EngineFacts describe_host(const JobUser& user, const CgroupSupport& cgroups,
                          const std::string& unreachable);

}  // namespace dayu::engine
