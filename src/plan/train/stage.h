// What one stage of a pipeline takes, and what follows a step's micro-batches on its ranks. A search composes them into steps; where
// stages are of two kinds (train_mixed.h), into steps of both.
#pragma once

#include "plan/train.h"
#include "plan/train/layer.h"

namespace dayu::plan::train {

// Of one micro-batch, forward and backward.
struct StageTime {
    double layers_s = 0;
    double exchange_s = 0;  // of that, inside layers
    double send_s = 0;
    double logits_s = 0;  // of the last stage alone
    double host_s = 0;

    double middle_s() const { return layers_s + send_s + host_s; }
    double last_s() const { return middle_s() + logits_s; }
};

StageTime stage_time(const TrainJob& job, const TrainPlan& plan, const Machine& machine,
                     const LayerTime& layer, double logits_s);

// Bytes of activations that pass from a rank of one stage to the next, for one micro-batch.
double sent_bytes(const TrainJob& job, const TrainPlan& plan);

// Once a step, on the ranks of one stage.
struct StepEnd {
    double data_exchange_s = 0;  // what does not hide behind compute
    double optimizer_s = 0;
};
StepEnd step_end(const TrainJob& job, const TrainPlan& plan, const Machine& machine);

}  // namespace dayu::plan::train
