// What a job file's depends_on says of jobs that have ended: they are not in State, so that the core
// must be told. Reads the projections, and so belongs on a worker.
#pragma once

#include "base/result.h"
#include "control/command.h"
#include "rest/context.h"

namespace dayu::rest {

// Resolves indices of arrays to the tasks themselves, and fills in `ended`.
Result<void> resolve_dependencies(Context& context, control::SubmitJob& command);

}  // namespace dayu::rest
