// What of a World is copied for the optimiser between two batches, and the market that is made of the copy when nobody
// waits any more.
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "model/center.h"
#include "model/chip.h"
#include "model/dataset.h"
#include "model/job.h"
#include "sched/market.h"

namespace dayu::sched {

class Policy;
class World;

// Classes that are copied, at most: those whose jobs want the most chips.
inline constexpr std::size_t max_excerpt_classes = 1024;

struct Excerpt {
    struct OfClass {
        ShapeId shape;
        JobSpec spec;
        std::int64_t jobs = 0;  // that may be placed at once
    };
    struct OfPool {
        std::int64_t open_nodes = 0;
        std::int64_t free_chips_milli = 0;  // over the open nodes
        std::int64_t free_cpus = 0;
    };
    struct OfCenter {
        CenterId id;
        Center center;
        std::vector<OfPool> pools;  // as the centre has them
    };

    Time at;
    std::vector<Chip> chips;
    std::vector<OfCenter> centers;  // that take jobs at present
    std::vector<Dataset> datasets;  // that the classes read
    std::vector<OfClass> classes;
    std::int64_t classes_left_out = 0;
};

Excerpt excerpt_of(const World& world, Time now, std::size_t most_classes = max_excerpt_classes);

// Every class with its offer of each pool that could ever take it. Left out are jobs without chips in pools that have
// some: they take what chips do not need, and make no chip scarce.
Market market_of(const Excerpt& excerpt, const Policy& policy);

}  // namespace dayu::sched
