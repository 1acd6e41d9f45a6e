// From "train this model on so many tokens" to the ways in which that may run: for each kind of chip that can be had, and each
// count of them that halves down from the most that one pool has, the plan that is expected to be fastest.
#pragma once

#include <vector>

#include "plan/knowledge.h"
#include "plan/ways.h"

namespace dayu::plan {

// At most so many as a job may have variants, the kinds in the order of their fastest ways, and the ways of a kind from the fastest
// on. A way that needs more chips and is no faster is left out, as is one that does not end in time: that is, by what is
// expected within the time limit, and by the interval's end before the deadline. Where the framework of a chip can start the
// plan (plan/launch.h), its command line is the variable DAYU_LAUNCH, and what a job runs that has nothing else to run. What
// attempts of the same class of work measured corrects times and intervals. That there is none is an error that says what binds.
Result<std::vector<Way>> training_ways(const Knowledge& knowledge, const Training& training,
                                       const PlanGround& ground, const Bounds& bounds);

}  // namespace dayu::plan
