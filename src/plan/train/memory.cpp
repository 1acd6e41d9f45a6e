#include <algorithm>

#include "plan/train.h"
#include "plan/train/shard.h"

// Activations by arXiv 2205.05198, made general: widths of queries, keys, values and MLP as the model has them.
namespace dayu::plan {
namespace {

constexpr double element_bytes = 2;
constexpr double master_bytes = 12;  // 32-bit weight and two moments
constexpr double adapter_state_bytes =
    18;  // weight, gradient and optimiser of a LoRA adapter, for each parameter
constexpr double gathered_layers = 2;  // FSDP: one at work, one on its way
constexpr double gibi = 1073741824.0;
constexpr double runtime_bytes = 1.0 * gibi;  // context, kernels, communication buffers
constexpr double fragmentation = 0.05;        // of what is allocated
constexpr double usable = 0.94;               // of the memory: the driver keeps some

double tokens_of(const TrainJob& job, const TrainPlan& plan) {
    return plan.micro_batch * job.sequence / plan.cp;
}

// Of the MLP of one layer, a token, before tensor parallelism divides it.
double mlp_bytes(const Transformer& model) {
    const double per_width = element_bytes * model.ffn_matrices;
    if (model.sparse_layers <= 0) return per_width * model.ffn;
    const double sparse = model.sparse_layers / model.layers;
    const double copies = model.experts_per_token;
    const double experts = copies * (per_width * model.expert_ffn + element_bytes * model.hidden) +
                           per_width * model.shared_ffn;
    return (1 - sparse) * per_width * model.ffn + sparse * experts;
}

// What a layer keeps of one micro-batch for its backward pass where nothing is computed again but, `without_scores`, those of
// attention.
double whole_layer_bytes(const TrainJob& job, const TrainPlan& plan, bool without_scores) {
    const Transformer& model = job.model;
    const double tokens = tokens_of(job, plan);
    const double split = plan.sequence_parallel ? plan.tp : 1;
    // Inputs of two norms, of queries and of the MLP; with two dropout masks where the MLP is plain, as GPT has them.
    const double undivided = (model.ffn_matrices < 3 ? 10 : 8) * model.hidden;
    const double attention =
        element_bytes * (model.query_width + model.key_value_width + model.output_width +
                         model.query_rank + model.key_value_rank);
    double bytes = tokens * (undivided / split + (attention + mlp_bytes(model)) / plan.tp);
    if (!without_scores) bytes += 5 * model.heads * tokens * job.sequence / plan.tp;
    return bytes;
}

double layer_bytes(const TrainJob& job, const TrainPlan& plan, bool fuses_attention) {
    if (plan.recompute == Recompute::full) {
        const double split = plan.sequence_parallel ? plan.tp : 1;
        return element_bytes * tokens_of(job, plan) * job.model.hidden / split;
    }
    return whole_layer_bytes(job, plan, fuses_attention || plan.recompute == Recompute::selective);
}

// Micro-batches whose activations the first stage holds at once, in those of a stage.
double in_flight(const TrainJob& job, const TrainPlan& plan) {
    const double held = std::min(train::micro_batches(job, plan), plan.pp);
    return plan.vpp > 1 ? held * (1 + (plan.pp - 1) / (plan.pp * plan.vpp)) : held;
}

struct States {
    double weights = 0;
    double gradients = 0;
    double optimizer = 0;
};

States states_of(const TrainJob& job, const TrainPlan& plan, const Machine& machine) {
    const train::Share layers = train::layer_share(job, plan);
    const double dense = layers.dense + train::embedding_share(job, plan).dense;
    const double replicas = plan.dp * plan.cp;
    const double whole = dense + layers.experts;
    double part = dense / replicas;
    if (layers.experts > 0) part += layers.experts / train::expert_replicas(plan);
    // What is left of them on a rank from a stage of ZeRO on.
    const auto sharded = [&](double stage) { return plan.zero < stage ? whole : part; };
    if (job.task == TrainTask::lora) {
        return {.weights = element_bytes * sharded(3),
                .gradients = 0,
                .optimizer = adapter_state_bytes * train::adapter_parameters(job, plan)};
    }
    return {.weights = element_bytes * sharded(3),
            .gradients = machine.traits.gradient_bytes * sharded(2),
            .optimizer = master_bytes * sharded(1)};
}

// Of the layer at work, beside what is kept: its gathered weights, and its activations where they are computed again.
double working_bytes(const TrainJob& job, const TrainPlan& plan, const Machine& machine) {
    double bytes = 0;
    if (plan.recompute == Recompute::full)
        bytes += whole_layer_bytes(job, plan, machine.traits.fuses_attention);
    if (plan.zero >= 3) {
        const train::Share share = train::layer_share(job, plan);
        bytes += gathered_layers * element_bytes * (share.dense + share.experts) /
                 train::stage_layers(job.model, plan);
    }
    return bytes;
}

}  // namespace

TrainMemory train_memory(const TrainJob& job, const TrainPlan& plan, const Machine& machine) {
    const States states = states_of(job, plan, machine);
    const double layers = train::stage_layers(job.model, plan);
    const double stage = layers * layer_bytes(job, plan, machine.traits.fuses_attention);
    const double tokens = tokens_of(job, plan);
    const double logits = (4 + element_bytes) * tokens * job.model.vocabulary / plan.tp;

    // The first stage has most in flight, the last one the logits.
    const double first = in_flight(job, plan) * stage;
    const bool is_last_fuller = plan.pp > 1 && stage + logits > first;
    TrainMemory memory;
    memory.weights = states.weights;
    memory.gradients = states.gradients;
    memory.optimizer = states.optimizer;
    memory.activations = is_last_fuller ? stage : first;
    memory.logits = is_last_fuller || plan.pp <= 1 ? logits : 0;
    memory.working = working_bytes(job, plan, machine);
    memory.reserve = runtime_bytes + fragmentation * memory.used();
    memory.capacity = usable * machine.memory_bytes;
    return memory;
}

}  // namespace dayu::plan
