// The planner of training: what one step takes, and what each rank must hold, for a model, a batch and a parallel plan on one
// kind of chip. Both are closed forms over plain numbers, so that millions of plans a second can be weighed.
//
// Words. A sequence has s tokens; a micro-batch b sequences; a replica works through m micro-batches a step. Tensor (tp),
// context (cp) and data (dp) parallelism and the pipeline (pp, with vpp virtual stages a rank) divide the chips:
// tp * cp * dp * pp = chips. Experts are spread over ep of the dp * cp replicas. MFU counts the model's floating-point
// operations and nothing recomputed; docs/guide/planner.md has the definitions.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "plan/calibration.h"
#include "plan/chips.h"
#include "plan/transformer.h"

namespace dayu::plan {

enum class Precision : std::uint8_t { bf16, fp8 };
enum class TrainTask : std::uint8_t { pretrain, finetune, lora };
enum class Recompute : std::uint8_t { none, selective, full };

struct TrainJob {
    Transformer model;
    double sequence = 0;      // tokens
    double global_batch = 0;  // sequences a step
    Precision precision = Precision::bf16;
    TrainTask task = TrainTask::pretrain;
    double lora_rank = 16;
};

struct TrainPlan {
    double tp = 1, pp = 1, vpp = 1, cp = 1, ep = 1, dp = 1;
    double zero = 0;  // stage of ZeRO: 0 to 3, the last being FSDP
    double micro_batch = 1;
    Recompute recompute = Recompute::none;
    bool sequence_parallel = false;

    double chips() const { return tp * pp * cp * dp; }
};

// What a chip does with one framework, all of its constants multiplied in.
struct Machine {
    GemmCurve gemm;  // of 16-bit products
    double fp8_speedup = 1;
    double memory_bandwidth = 0;
    double memory_bytes = 0;
    double peak = 0;  // published, of 16-bit: what MFU is of
    double fp8_peak = 0;
    Fabric fabric;
    Constants constants;
    FrameworkTraits traits;
};

Machine machine_of(const Chip& chip, const Constants& constants, const FrameworkTraits& traits);

// Bytes of one rank of the first stage, which holds most in flight, or of the last, whichever needs more.
struct TrainMemory {
    double weights = 0;
    double gradients = 0;
    double optimizer = 0;
    double activations = 0;  // kept for the backward pass
    double logits = 0;
    double working = 0;  // of the layer at work: gathered weights, activations computed again
    double reserve = 0;  // runtime, communication buffers, fragmentation
    double capacity = 0;

    double used() const {
        return weights + gradients + optimizer + activations + logits + working + reserve;
    }
    double margin() const { return capacity - used(); }
};

// Seconds of one step. The parts add up to `step_s`.
struct TrainStep {
    double compute_s = 0;          // of the busiest stage, all micro-batches
    double tensor_exchange_s = 0;  // tensor, context and expert parallel exchange inside layers
    double pipeline_send_s = 0;
    double bubble_s = 0;
    double data_exchange_s = 0;  // what does not hide behind compute
    double optimizer_s = 0;
    double fixed_s = 0;
    double step_s = 0;
};

// What step logs say of the layers of one class, over what the constants say (measured_layers.h).
struct LayerFactors {
    double layer = 1;
    double head = 1;  // output layer and loss
};

// Why a plan does not fit the job or the chip, by what must hold; `none`: it fits.
enum class TrainObstacle : std::uint8_t {
    none,
    heads,         // tp divides the heads
    layers,        // pp * vpp is at most the layers
    interleaving,  // interleaving wants micro-batches in multiples of pp
    batch,         // dp * micro_batch divides the global batch
    experts,       // ep divides the experts, and dp * cp
    sequence,      // cp divides the sequence
    sharding,      // ZeRO 2 and 3 with a pipeline
    memory,
};

// All but memory.
TrainObstacle obstacle_of(const TrainJob& job, const TrainPlan& plan);
// The binding constraint in words with its numbers, and the nearest change that would lift it.
std::string describe(TrainObstacle obstacle, const TrainJob& job, const TrainPlan& plan,
                     const Machine& machine);
TrainMemory train_memory(const TrainJob& job, const TrainPlan& plan, const Machine& machine);
TrainStep train_step(const TrainJob& job, const TrainPlan& plan, const Machine& machine,
                     const LayerFactors& factors = {});

// Floating-point operations of the model in one step, forward and backward, without recomputation; attention causal or not
// as `counts_all_scores` says (Megatron's formula counts all).
double model_flops(const TrainJob& job, bool counts_all_scores);

}  // namespace dayu::plan
