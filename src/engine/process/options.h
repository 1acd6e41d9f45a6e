// The settings of engine `process`, as an agent's configuration gives them:
//
//   work_root    folder of its own, on a local disk, that the job's user can enter (required)
//   run_as       user of the jobs; when the agent is root: dayu-job where there is one, or nobody
//   shim         path of dayu-shim; found by the agent's own program (engine/shim.h) unless given
//   path         folders before the usual ones of the job's PATH, with ':' between
//   env.NAME     a variable of every job
//   retain       how long ended attempts keep log and files once settled: "7d"
//   window       length of a metering window: "60s"
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "engine/registry.h"

namespace dayu::engine {

struct ProcessOptions {
    std::string work_root;
    std::string run_as;
    std::string shim;
    std::vector<std::string> path;
    std::map<std::string, std::string> env;
    Duration retain = seconds(7 * 24 * 3600);
    Duration window = seconds(60);
};

Result<ProcessOptions> read_options(const Settings& settings);

}  // namespace dayu::engine
