// From "serve this model at this rate with these latencies" to the ways in which that may run: for each kind of chip that can be
// had, the plan of a replica and the number of them that keep the promises with the fewest chips, as a gang of equal nodes.
#pragma once

#include <vector>

#include "plan/serve_knowledge.h"
#include "plan/ways.h"

namespace dayu::plan {

// The fewest chips first, at most so many as a job may have variants. All serve as long as the time limit says, so that offers
// compare what the same service costs. That there is none is an error that says what binds where most was kept, and the nearest
// change.
Result<std::vector<Way>> serving_ways(const ServeKnowledge& knowledge, const Serving& serving,
                                      const PlanGround& ground, const Bounds& bounds);

}  // namespace dayu::plan
