// Where the verbs of the planner find their tables, and the files that they are given.
#pragma once

#include <string>

#include "base/result.h"
#include "plan/knowledge.h"
#include "plan/serve_knowledge.h"

namespace dayu::app {

inline constexpr std::size_t max_plan_file_bytes = std::size_t{64} << 20;

// The folder of the planner's tables: `given`, or plan/ of $DAYU_DATA_DIR, of the installation, or of the source tree.
Result<std::string> find_plan_folder(const std::string& given);

Result<plan::Knowledge> read_plan_knowledge(const std::string& folder);
Result<plan::ServeKnowledge> read_serve_knowledge(const std::string& folder);

// FILE as it is, or below the folder of published tables: DAYU_TRACES/../planner/data (../shared/planner/data).
std::string find_plan_rows(const std::string& file);

}  // namespace dayu::app
