// A job file that asks for work becomes one with variants, which the scheduler weighs as it weighs all others (ADR 0022).
#pragma once

#include <vector>

#include "model/job.h"
#include "plan/knowledge.h"
#include "plan/serve_knowledge.h"

namespace dayu::plan {

// All that is known of training and of serving.
struct PlannerTables {
    Knowledge training;
    ServeKnowledge serving;
};

// Of a file with `training` or `serving`. CPUs and memory of a node are its chips' share, but where the file says otherwise. The answer
// says how each variant came about, in their order.
Result<std::vector<WorkPlan>> plan_job(const PlannerTables& tables, JobFile& file,
                                       const PlanGround& ground);

}  // namespace dayu::plan
