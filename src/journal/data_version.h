// What a data folder asks of the dayu that reads it. version.json names the dayu that had it last, and the number of
// each form that its parts may be in. A dayu that knows a lower one refuses the folder before it touches anything; one that
// knows more brings it forward. A folder without the file is of a time before it.
#pragma once

#include <string>

#include "base/result.h"

namespace dayu::journal {

Result<void> check_data_version(const std::string& folder, const std::string& dayu);

// What this build writes. Before it writes anything that an earlier one could not read.
Result<void> write_data_version(const std::string& folder, const std::string& dayu);

}  // namespace dayu::journal
