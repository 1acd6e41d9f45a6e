// Searches all parallel plans of a training job on a number of chips of one kind, and keeps the fastest that fit. The search
// is exhaustive over the divisors that make sense: what can be known of a layer is reckoned once for all pipelines and
// shardings above it, so that a plan costs some tens of nanoseconds.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "plan/train.h"

namespace dayu::plan {

struct RankedPlan {
    TrainPlan plan;
    TrainStep step;
    TrainMemory memory;
};

// What `train_search` looks through; its bounds are habits of the field, not of one chip.
struct TrainSearch {
    double chips = 0;
    std::uint32_t top = 10;
    double most_micro_batch = 32;
    double most_vpp = 12;
    // Called now and then with the part that is done; may be empty.
    std::function<void(double)> progress = {};
};

struct TrainSearchResult {
    std::vector<RankedPlan> plans;  // that fit, the fastest first; of equal ones the roomier
    std::uint64_t weighed = 0;      // plans whose step and memory were reckoned
    std::uint64_t fitting = 0;
    RankedPlan
        nearest;  // where none fits: the one that lacks least memory; its plan has no chips if none divides
};

TrainSearchResult train_search(const TrainJob& job, const Machine& machine,
                               const TrainSearch& search);

}  // namespace dayu::plan
