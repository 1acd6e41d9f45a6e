// What the optimum (optimise.h) tells the rounds. A round can plan only so many jobs that have to wait; those behind
// them do not know how long they would wait for a cheap place, and take a dear one that is free. The optimum has
// counted them: so many of a class had better start elsewhere now, and the others had better wait.
//
// It is advice, made on a copy some time ago. A round takes it up for jobs that it cannot plan itself, in its own order
// and within the quotas, and checks each start against the World of that moment; what is stale is refused.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/ids.h"
#include "model/job.h"

namespace dayu::sched {

// So many jobs of a class are best started there now.
struct Start {
    ShapeId shape;
    CenterId center;
    std::string pool;
    VariantIndex variant{};
    std::int64_t jobs = 0;

    bool operator==(const Start&) const = default;
};

struct Advice {
    std::vector<Start> starts;
    std::vector<ShapeId> weighed;  // all classes that it is about, in order
    Time until;                    // then it is too old

    // Whether the optimum has weighed such jobs at all.
    bool is_about(ShapeId shape) const { return std::ranges::binary_search(weighed, shape); }
};

}  // namespace dayu::sched
