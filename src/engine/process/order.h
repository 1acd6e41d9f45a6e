// From the server's order to what the shim must know: the job's environment above all.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/process/attempt_files.h"
#include "engine/process/host.h"
#include "model/agent_messages.h"

namespace dayu::engine {

struct JobSurroundings {
    std::vector<std::string> path;           // before the usual folders of PATH
    std::map<std::string, std::string> env;  // of the centre; the job's own come after
    JobUser user;
};

// What cannot be carried out is refused before anything is claimed.
Result<void> check_order(const StartOrder& order);

// All of the claim that follows from the order; `continues` when an earlier attempt's folder is there.
Claim make_claim(const StartOrder& order, const JobSurroundings& surroundings,
                 const std::string& run_directory, bool continues);

// "HF_TOKEN=value" for each secret of the order. Never part of the claim, which lies on disk.
std::vector<std::string> secret_variables(const StartOrder& order);

// "TERM" or "SIGTERM" to its number; TERM for a name that this machine does not know.
std::int64_t signal_number(std::string_view name);

}  // namespace dayu::engine
