#include <cmath>

#include <fmt/core.h>

#include "plan/train.h"
#include "plan/train/shard.h"

namespace dayu::plan {
namespace {

constexpr double gibi = 1073741824.0;

using train::divides;

// The largest divisor of `whole` that is at most `most`.
double nearest_divisor(double whole, double most) {
    double divisor = std::max(1.0, std::floor(most));
    while (!divides(divisor, whole)) --divisor;
    return divisor;
}

// What would give a plan that lacks memory most of it back, by what fills it.
std::string memory_remedy(const TrainJob& job, const TrainPlan& plan, const TrainMemory& memory) {
    const double states = memory.weights + memory.gradients + memory.optimizer;
    if (memory.activations + memory.logits + memory.working > states) {
        if (plan.recompute != Recompute::full) return "recompute activations in full";
        if (plan.micro_batch > 1)
            return fmt::format("a micro-batch of {:.0f}", std::floor(plan.micro_batch / 2));
        if (!plan.sequence_parallel && plan.tp > 1) return "sequence parallelism";
        return fmt::format("cp {:.0f}", plan.cp * 2);
    }
    if (plan.zero < 1 && plan.dp * plan.cp > 1) return "ZeRO 1, which shards the optimiser";
    if (plan.pp <= 1 && plan.zero < 3 && plan.dp > 1) return "ZeRO 3 (FSDP)";
    if (job.model.experts > plan.ep) return fmt::format("ep {:.0f}", plan.ep * 2);
    return fmt::format("tp {:.0f} or pp {:.0f}", plan.tp * 2, plan.pp * 2);
}

std::string describe_memory(const TrainJob& job, const TrainPlan& plan, const Machine& machine) {
    const TrainMemory memory = train_memory(job, plan, machine);
    return fmt::format(
        "memory: a rank needs {:.1f} GiB (states {:.1f}, activations {:.1f}) of {:.1f} that it can "
        "use; nearest change: {}",
        memory.used() / gibi, (memory.weights + memory.gradients + memory.optimizer) / gibi,
        (memory.activations + memory.logits + memory.working) / gibi, memory.capacity / gibi,
        memory_remedy(job, plan, memory));
}

}  // namespace

TrainObstacle obstacle_of(const TrainJob& job, const TrainPlan& plan) {
    const Transformer& model = job.model;
    if (!divides(plan.tp, model.heads)) return TrainObstacle::heads;
    if (plan.pp * plan.vpp > model.layers) return TrainObstacle::layers;
    if (!divides(plan.dp * plan.micro_batch, job.global_batch)) return TrainObstacle::batch;
    if (plan.vpp > 1 && !divides(plan.pp, train::micro_batches(job, plan)))
        return TrainObstacle::interleaving;
    if (plan.ep > 1 &&
        (!divides(plan.ep, model.experts) || !divides(plan.ep, plan.dp * plan.cp * plan.tp)))
        return TrainObstacle::experts;
    if (!divides(plan.cp, job.sequence)) return TrainObstacle::sequence;
    if (plan.zero >= 2 && plan.pp > 1) return TrainObstacle::sharding;
    return TrainObstacle::none;
}

std::string describe(TrainObstacle obstacle, const TrainJob& job, const TrainPlan& plan,
                     const Machine& machine) {
    const Transformer& model = job.model;
    switch (obstacle) {
        case TrainObstacle::none: return {};
        case TrainObstacle::heads:
            return fmt::format(
                "heads: tp {:.0f} does not divide {:.0f} heads; nearest change: tp {:.0f}", plan.tp,
                model.heads, nearest_divisor(model.heads, plan.tp));
        case TrainObstacle::layers:
            return fmt::format(
                "layers: pp {:.0f} x vpp {:.0f} are more than {:.0f} layers; nearest "
                "change: vpp {:.0f}",
                plan.pp, plan.vpp, model.layers, std::max(1.0, std::floor(model.layers / plan.pp)));
        case TrainObstacle::batch: {
            const double each = plan.dp * plan.micro_batch;
            return fmt::format(
                "batch: dp {:.0f} x micro-batch {:.0f} does not divide a batch of "
                "{:.0f}; nearest change: a batch of {:.0f}",
                plan.dp, plan.micro_batch, job.global_batch,
                each * std::max(1.0, std::round(job.global_batch / each)));
        }
        case TrainObstacle::interleaving:
            return fmt::format(
                "interleaving: {:.0f} micro-batches are no multiple of pp {:.0f}; "
                "nearest change: vpp 1",
                train::micro_batches(job, plan), plan.pp);
        case TrainObstacle::experts:
            return fmt::format(
                "experts: ep {:.0f} divides {:.0f} experts and {:.0f} replicas only in "
                "part; nearest change: ep {:.0f}",
                plan.ep, model.experts, plan.dp * plan.cp * plan.tp,
                nearest_divisor(std::max(1.0, model.experts), plan.ep));
        case TrainObstacle::sequence:
            return fmt::format(
                "sequence: cp {:.0f} does not divide {:.0f} tokens; nearest change: cp "
                "{:.0f}",
                plan.cp, job.sequence, nearest_divisor(job.sequence, plan.cp));
        case TrainObstacle::sharding:
            return fmt::format(
                "sharding: ZeRO {:.0f} with pp {:.0f} would gather for every "
                "micro-batch; nearest change: ZeRO 1",
                plan.zero, plan.pp);
        case TrainObstacle::memory: break;
    }
    return describe_memory(job, plan, machine);
}

}  // namespace dayu::plan
