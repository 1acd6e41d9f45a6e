// Pieces of an attempt's output, for whoever follows its log.
#pragma once

#include "engine/process/attempt_files.h"
#include "model/agent_messages.h"

namespace dayu::engine {

LogChunk read_log_chunk(const AttemptFiles& files, const LogRequest& request);

}  // namespace dayu::engine
