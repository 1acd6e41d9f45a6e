#include <algorithm>
#include <cmath>

#include "plan/collectives.h"
#include "plan/train.h"
#include "plan/train/layer.h"
#include "plan/train/shard.h"
#include "plan/train/stage.h"

namespace dayu::plan {
namespace {

constexpr double element_bytes = 2;
constexpr double optimizer_bytes =
    28;  // a parameter: gradient, master, two moments read; three written; weight written

// Activations forward and their gradients back, once for each virtual stage.
double send_s(const TrainJob& job, const TrainPlan& plan, const Machine& machine) {
    if (plan.pp <= 1) return 0;
    const double bytes = train::sent_bytes(job, plan);
    const bool leaves_node = plan.tp * plan.cp * plan.dp >= machine.fabric.node.chips;
    const double hop_s = leaves_node ? send_between_nodes_s(machine.fabric, bytes)
                                     : send_in_node_s(machine.fabric, bytes);
    return 2 * plan.vpp * hop_s;
}

// FSDP gathers a layer's weights before each pass over it, and scatters its gradients after the last.
double sharded_layer_s(const train::LayerTime& layer, const TrainPlan& plan, const Machine& machine,
                       double layer_parameters) {
    const Group group = group_of(machine.fabric, plan.dp * plan.cp, plan.tp);
    const double weights = element_bytes * layer_parameters;
    const double gather_s = all_gather_s(machine.fabric, group, weights);
    const double scatter_s =
        reduce_scatter_s(machine.fabric, group, machine.traits.gradient_bytes * layer_parameters);
    const double shown = 1 - machine.constants.overlap;
    const auto with = [&](double compute_s, double exchange_s) {
        return std::max(compute_s, exchange_s) + shown * std::min(compute_s, exchange_s);
    };
    return with(layer.forward_s, gather_s) + with(layer.backward_s, gather_s + scatter_s);
}

// Of a rank: what it updates, base weights of LoRA left out.
train::Share updated_share(const TrainJob& job, const TrainPlan& plan) {
    if (job.task == TrainTask::lora)
        return {.dense = train::adapter_parameters(job, plan), .experts = 0};
    train::Share share = train::layer_share(job, plan);
    share.dense += train::embedding_share(job, plan).dense;
    return share;
}

// Gradients are summed over the replicas, and under ZeRO the updated weights gathered.
double replica_exchange_s(const TrainPlan& plan, const Machine& machine, double parameters,
                          double ranks, double stride) {
    if (ranks <= 1 || parameters <= 0) return 0;
    const Group group = group_of(machine.fabric, ranks, stride);
    const double gradients = machine.traits.gradient_bytes * parameters;
    if (plan.zero < 1) return all_reduce_s(machine.fabric, group, gradients);
    return reduce_scatter_s(machine.fabric, group, gradients) +
           all_gather_s(machine.fabric, group, element_bytes * parameters);
}

double data_exchange_s(const TrainPlan& plan, const Machine& machine, const train::Share& share) {
    if (plan.zero >= 3) return 0;  // shown with each layer
    double whole_s = replica_exchange_s(plan, machine, share.dense, plan.dp * plan.cp, plan.tp);
    if (share.experts > 0) {
        whole_s += replica_exchange_s(plan, machine, share.experts, train::expert_replicas(plan),
                                      train::expert_shards(plan));
    }
    return whole_s * (1 - machine.constants.overlap);
}

// Both ends of the pipeline hold the tied table, and sum its gradients.
double tied_exchange_s(const TrainJob& job, const TrainPlan& plan, const Machine& machine) {
    if (!job.model.ties_embeddings || plan.pp <= 1 || job.task == TrainTask::lora) return 0;
    const double stride = plan.chips() / plan.pp;
    return all_reduce_s(machine.fabric, group_of(machine.fabric, 2, stride),
                        machine.traits.gradient_bytes * embedding_parameters(job.model) / plan.tp);
}

double optimizer_s(const TrainPlan& plan, const Machine& machine, const train::Share& share) {
    train::Share own = share;
    if (plan.zero >= 1) {
        own.dense /= plan.dp * plan.cp;
        if (own.experts > 0) own.experts /= train::expert_replicas(plan);
    }
    const double parameters = own.dense + own.experts;
    return parameters * optimizer_bytes * machine.constants.optimizer / machine.memory_bandwidth;
}

}  // namespace

Machine machine_of(const Chip& chip, const Constants& constants, const FrameworkTraits& traits) {
    Machine machine;
    machine.gemm = chip.gemm();
    if (const double fp8 = chip.fp8_gemm_rate(); fp8 > 0)
        machine.fp8_speedup = fp8 / machine.gemm.rate;
    machine.gemm.rate *= constants.gemm;
    machine.gemm.half_rows *= constants.gemm_half;
    machine.gemm.half_columns *= constants.gemm_half;
    machine.gemm.half_depth *= constants.gemm_half;
    machine.memory_bandwidth = chip.memory_bandwidth();
    machine.memory_bytes = chip.specification.memory_bytes;
    machine.peak = chip.specification.bf16_rate;
    machine.fp8_peak = chip.specification.fp8_rate;
    machine.fabric = chip.fabric;
    machine.fabric.node.efficiency *= constants.node;
    machine.fabric.network.efficiency *= constants.network;
    machine.constants = constants;
    machine.traits = traits;
    return machine;
}

namespace train {

double sent_bytes(const TrainJob& job, const TrainPlan& plan) {
    const double tokens = plan.micro_batch * job.sequence / plan.cp;
    const double split = plan.sequence_parallel ? plan.tp : 1;
    return element_bytes * tokens * job.model.hidden / split;
}

StageTime stage_time(const TrainJob& job, const TrainPlan& plan, const Machine& machine,
                     const LayerTime& layer, double logits_s) {
    const double layers = stage_layers(job.model, plan);
    StageTime stage;
    stage.layers_s = layers * (layer.forward_s + layer.backward_s);
    if (plan.zero >= 3 && plan.dp * plan.cp > 1) {
        const Share share = layer_share(job, plan);
        stage.layers_s =
            layers * sharded_layer_s(layer, plan, machine, (share.dense + share.experts) / layers);
    }
    stage.exchange_s = layers * layer.exchange_s;
    stage.send_s = send_s(job, plan, machine);
    stage.logits_s = logits_s;
    stage.host_s = machine.constants.micro_batch_s;
    return stage;
}

StepEnd step_end(const TrainJob& job, const TrainPlan& plan, const Machine& machine) {
    const Share share = updated_share(job, plan);
    return {.data_exchange_s =
                data_exchange_s(plan, machine, share) + tied_exchange_s(job, plan, machine),
            .optimizer_s = optimizer_s(plan, machine, share)};
}

TrainStep compose(const TrainJob& job, const TrainPlan& plan, const Machine& machine,
                  const LayerTime& layer, double logits_s) {
    const StageTime stage = stage_time(job, plan, machine, layer, logits_s);
    const StepEnd end = step_end(job, plan, machine);
    const double count = micro_batches(job, plan);

    // 1F1B: the busiest stage works through all micro-batches; before its first and after its last one pass through the
    // other stages, a vpp-th of it where stages are interleaved (arXiv 2104.04473).
    TrainStep step;
    step.compute_s = count * (stage.last_s() - stage.send_s - stage.exchange_s);
    step.tensor_exchange_s = count * stage.exchange_s;
    step.pipeline_send_s = count * stage.send_s;
    step.bubble_s = (plan.pp - 1) * stage.middle_s() / plan.vpp;
    step.data_exchange_s = end.data_exchange_s;
    step.optimizer_s = end.optimizer_s;
    step.fixed_s = machine.constants.step_s;
    step.step_s = step.compute_s + step.tensor_exchange_s + step.pipeline_send_s + step.bubble_s +
                  step.data_exchange_s + step.optimizer_s + step.fixed_s;
    return step;
}

}  // namespace train

TrainStep train_step(const TrainJob& job, const TrainPlan& plan, const Machine& machine,
                     const LayerFactors& factors) {
    return train::compose(job, plan, machine, train::layer_time(job, plan, machine, factors),
                          train::logits_s(job, plan, machine, factors));
}

}  // namespace dayu::plan
