// What one rank has of a layer: its parameters and the widths that tensor parallelism leaves it.
#pragma once

#include <algorithm>
#include <cstdint>

#include "plan/train.h"

namespace dayu::plan::train {

// Of counts; in whole numbers, as std::fmod takes longer than all the rest of a plan.
inline bool divides(double part, double whole) {
    return part >= 1 && static_cast<std::int64_t>(whole) % static_cast<std::int64_t>(part) == 0;
}

// Up to the next whole number, of numbers from 0; std::ceil is a call where the machine may be an old one.
inline double whole_up(double number) {
    const auto below = static_cast<double>(static_cast<std::int64_t>(number));
    return below < number ? below + 1 : below;
}

// Of a rank of one stage, in parameters.
struct Share {
    double dense = 0;    // all but experts; their replicas are dp * cp
    double experts = 0;  // their replicas are dp * cp / ep
};
Share layer_share(const TrainJob& job, const TrainPlan& plan);  // of a stage's layers
Share embedding_share(const TrainJob& job, const TrainPlan& plan);

// Layers of the largest stage.
inline double stage_layers(const Transformer& model, const TrainPlan& plan) {
    return whole_up(model.layers / plan.pp);
}

inline double micro_batches(const TrainJob& job, const TrainPlan& plan) {
    return std::max(1.0, whole_up(job.global_batch / (plan.dp * plan.micro_batch)));
}

// Ranks of a stage that divide the experts' parameters among them: ep, each part of which tensor parallelism divides again;
// where ep is wider than the replicas, it takes the tensor ranks in instead.
inline double expert_shards(const TrainPlan& plan) {
    return plan.ep > plan.dp * plan.cp ? plan.ep : plan.ep * plan.tp;
}

// Ranks that hold the same part of the experts.
inline double expert_replicas(const TrainPlan& plan) {
    return std::max(1.0, plan.dp * plan.cp * plan.tp / expert_shards(plan));
}

// Parameters of one rank's LoRA adapters, on the attention of all its layers.
double adapter_parameters(const TrainJob& job, const TrainPlan& plan);

}  // namespace dayu::plan::train
