// Lays a workdir out as a folder that belongs to the job's user. Each file is a copy of its own, shared
// with nobody by writing: where the file system can, it shares the blocks until one side is written to.
#pragma once

#include <string>

#include "base/result.h"
#include "engine/engine.h"
#include "engine/process/host.h"

namespace dayu::engine {

// `directory` is not there, and lies where no job can look. What is left of a failure is the caller's.
Result<void> lay_out(const std::string& directory, const JobUser& user, WorkdirSource& source);

}  // namespace dayu::engine
