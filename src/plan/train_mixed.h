// One pipeline over two kinds of chip: some of its stages are on one kind, the others on the other, and each has as many layers as
// suits what its chips do and hold. Tensor, context and data parallelism are the same on both, so that a stage has as many chips on
// either; what passes from the last stage of one kind to the first of the other goes over the slower of their networks.
//
// Stages of one kind are alike. A micro-batch passes all stages, and the slowest sets the pace: with m micro-batches a step takes the
// sum of all stages and m - 1 times the slowest.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "plan/train.h"

namespace dayu::plan {

struct MixedKind {
    Machine machine;
    double chips = 0;
};

// The stages of one kind, in the order of the pipeline.
struct StageBlock {
    std::size_t kind = 0;
    double stages = 0;
    double layers = 0;   // of each; of the second block the last may have one less
    TrainMemory memory;  // of the fullest of them
};

struct MixedPlan {
    TrainPlan plan;  // pp is of both together
    std::array<StageBlock, 2> blocks;
    TrainStep step;
};

struct MixedSearch {
    std::uint32_t top = 1;
    double most_micro_batch = 32;
};

// The fastest plans that fit, and of equal ones the first.
std::vector<MixedPlan> mixed_search(const TrainJob& job, const std::array<MixedKind, 2>& kinds,
                                    const MixedSearch& search);

// Layers of each stage, as launchers name them.
std::vector<double> stage_layers(const Transformer& model, const MixedPlan& plan);

}  // namespace dayu::plan
