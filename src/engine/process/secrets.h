// The values of an attempt's secrets on their way from the agent to the shim: by memory that has no name
// in any file system, handed over as an open file. They are in no file of the agent's machine, and end
// with the shim; the processes of the job see them as variables.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "engine/process/files.h"

namespace dayu::engine {

inline constexpr int secrets_fd = 4;  // of the shim

// "HF_TOKEN=value" each.
Result<Fd> keep_secrets(const std::vector<std::string>& variables);
Result<std::vector<std::string>> take_secrets();  // in the shim; closes the file

}  // namespace dayu::engine
