// One process of the job as the shim starts it: in a session of its own, in the attempt's control group,
// as the job's user, with the claim's environment and nothing else.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/result.h"
#include "engine/process/attempt_files.h"
#include "engine/process/cgroup.h"

namespace dayu::engine {

// Returns when the script's shell runs, or says at which step it failed and why. The script is the
// claim's, or its setup.
Result<pid_t> start_rank(const Claim& claim, const std::string& script, const AttemptFiles& files,
                         const Cgroup& cgroup, std::int64_t rank);

}  // namespace dayu::engine
