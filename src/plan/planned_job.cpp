#include "plan/planned_job.h"

#include <utility>

#include "plan/serving_ways.h"
#include "plan/training_ways.h"

namespace dayu::plan {
namespace {

Bounds bounds_of(const JobFile& file, Time now) {
    Bounds bounds{.limit = file.spec.time_limit};
    bounds.runs_launcher = file.body.run.find_first_not_of(" \t\r\n") == std::string::npos;
    const Moment& deadline = file.conditions.deadline;
    if (deadline.is_set()) bounds.until_deadline = deadline.since(now) - now;
    return bounds;
}

void keep_what_was_asked(const Resources& asked, Variant& variant) {
    const Resources unsaid;
    if (asked.cpus != unsaid.cpus) variant.cpus = asked.cpus;
    if (asked.memory_mib != unsaid.memory_mib) variant.memory_mib = asked.memory_mib;
}

Result<std::vector<Way>> ways_of(const PlannerTables& tables, const JobFile& file,
                                 const PlanGround& ground) {
    const Bounds bounds = bounds_of(file, ground.now);
    if (file.serving) return serving_ways(tables.serving, *file.serving, ground, bounds);
    return training_ways(tables.training, *file.training, ground, bounds);
}

}  // namespace

Result<std::vector<WorkPlan>> plan_job(const PlannerTables& tables, JobFile& file,
                                       const PlanGround& ground) {
    std::vector<Way> ways = TRY(ways_of(tables, file, ground));
    std::vector<WorkPlan> plans;
    for (Way& way : ways) {
        keep_what_was_asked(file.spec.resources, way.variant);
        file.spec.variants.push_back(std::move(way.variant));
        file.body.variants.push_back(std::move(way.body));
        plans.push_back(std::move(way.plan));
    }
    // What lists show while none of them is taken: the first.
    JobSpec first = spec_of(file.spec, 0);
    first.variants = std::move(file.spec.variants);
    file.spec = std::move(first);
    return plans;
}

}  // namespace dayu::plan
