// The trace of requests that a verb of the planner is given, whichever format it has: Azure's LLM inference trace (CSV),
// Mooncake's (a JSON object a line: timestamp in ms, input_length, output_length, hash_ids), or Vidur's lengths (CSV).
#pragma once

#include <string>

#include "base/result.h"
#include "plan/serve_trace.h"

namespace dayu::app {

// FILE as it is, or below the folder of published traces (traces.h). Arrivals matter where the file has none.
Result<plan::ServeTrace> read_serve_trace(const std::string& file, const plan::Arrivals& arrivals);

}  // namespace dayu::app
