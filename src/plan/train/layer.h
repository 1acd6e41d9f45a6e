// What one layer takes on one rank, for one micro-batch. A layer runs as fast as the slower of two: the chip, which works
// through its kernels, and the host, which starts them. Small models on fast chips wait for the host.
#pragma once

#include "plan/train.h"

namespace dayu::plan::train {

// Seconds; each pass is what the chip and the host together take, the exchange included.
struct LayerTime {
    double forward_s = 0;
    double backward_s = 0;  // with what is computed again
    double exchange_s = 0;  // of both, what tensor, context and expert parallelism exchange
};

// Of a layer's mean over dense and sparse ones.
LayerTime layer_time(const TrainJob& job, const TrainPlan& plan, const Machine& machine,
                     const LayerFactors& factors);

// Output layer and loss of the last stage, forward and backward.
double logits_s(const TrainJob& job, const TrainPlan& plan, const Machine& machine,
                const LayerFactors& factors);

// The step of a plan whose layers are known. They depend on tp, cp, ep, micro-batch, recomputation and sequence parallelism
// alone, so that a search reckons them once for all pipelines and shardings.
TrainStep compose(const TrainJob& job, const TrainPlan& plan, const Machine& machine,
                  const LayerTime& layer, double logits_s);

}  // namespace dayu::plan::train
