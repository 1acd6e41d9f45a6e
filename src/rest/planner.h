// What turns a job that asks for work into one that asks for chips. Whoever starts the service hands it in: rest knows no
// planner, and the planner knows no server.
#pragma once

#include <functional>
#include <vector>

#include "base/result.h"
#include "model/job.h"

namespace dayu::rest {

struct Context;

// Gives the job its variants, and says how each came about. May be called from several threads at once.
using Planner =
    std::function<Result<std::vector<WorkPlan>>(JobFile& file, const PlanGround& ground)>;

// With the chips that the centres have now. A job that asks for chips itself is left as it is. It waits: belongs on a worker.
Result<std::vector<WorkPlan>> plan_work(Context& context, JobFile& file);

}  // namespace dayu::rest
