// The planner of serving: what one iteration of an engine takes, for a model under a parallel plan on one kind of chip, and how
// many tokens its memory holds. An engine with continuous batching works in iterations: each gives every decoding sequence its
// next token, and works on a part of the prompts that were admitted (chunked prefill). All else follows from the length of an
// iteration: means (serve_search.h at a rate, serve_steady.h in a closed loop), quantiles from a replay of requests (serve_replay.h).
//
// Words. ISL and OSL are tokens of a prompt and of its answer. TTFT is the time from a request's arrival to its first token,
// TPOT (e2e - TTFT) / (OSL - 1). A replica is one copy of the model on tp * pp * attention_dp chips.
#pragma once

#include <cstdint>
#include <string>

#include "plan/chips.h"
#include "plan/serve_calibration.h"
#include "plan/transformer.h"

namespace dayu::plan {

enum class NumberFormat : std::uint8_t { bf16, fp8, fp4, int4 };
double bytes_of(NumberFormat format);  // of an element, with its part of a scale

// One replica. Attention is divided over tp chips, and stands attention_dp times beside itself, each with sequences of its own;
// the experts are divided over the same chips as moe_tp * moe_ep.
struct ServePlan {
    double tp = 1, pp = 1, attention_dp = 1;
    double moe_tp = 1, moe_ep = 1;
    NumberFormat products = NumberFormat::bf16;  // of dense matrix products and their weights
    NumberFormat experts = NumberFormat::bf16;
    NumberFormat cache = NumberFormat::bf16;  // of keys and values

    double chips() const { return tp * pp * attention_dp; }
};

// What a chip does with one engine, its constants multiplied in. Rates are FLOP/s, bandwidths bytes/s.
struct ServeMachine {
    double rate = 0;      // of 16-bit products
    double fp8_rate = 0;  // 0: has none, and weights are unpacked to 16 bits
    double fp4_rate = 0;
    double half_rows = 0;  // rows of a product at which half the rate is reached
    double memory_bandwidth = 0;
    double memory_bytes = 0;
    double power_w = 0;
    Fabric fabric;
    ServeConstants constants;
    ServeConstants pool_constants;  // of workers of split pools

    double rate_of(NumberFormat format) const;
    ServeMachine of_pools() const;  // as its workers in split pools are
};

ServeMachine serve_machine_of(const Chip& chip, const ServeConstants& constants);

// What one iteration works on, over the whole replica.
struct Iteration {
    double decoding = 0;        // sequences that get their next token
    double decode_context = 0;  // tokens that they look at, together
    double prefill_tokens = 0;  // of prompts
    double prefill_pairs =
        0;  // pairs of tokens that their attention weighs: of n whole prompt tokens n^2/2
};

// What does not depend on the iteration is reckoned once, so that an iteration takes some tens of nanoseconds. A stage of a
// pipeline works on its own part of the sequences: of a replica with pp stages an iteration is that of decoding/pp sequences
// through all stages.
class ReplicaCost {
   public:
    ReplicaCost(const Transformer& model, const ServePlan& plan, const ServeMachine& machine);

    double iteration_s(const Iteration& iteration) const;
    // One prompt alone, without what its request costs the host.
    double prefill_s(double tokens) const;
    // Of so many sequences that each look at so many tokens.
    double decode_s(double sequences, double mean_context) const;

    // Of one token, in all layers and on all chips of the replica that hold it.
    double cache_bytes_per_token() const { return cache_bytes_per_token_; }
    // That fit beside weights and reserve, in the whole replica; 0: the weights alone do not.
    double cache_tokens() const;
    // From a prefill worker to a decode worker, once.
    double transfer_bytes_per_token() const { return transfer_bytes_per_token_; }

    // Of one chip, in bytes.
    double weight_bytes() const { return weight_bytes_; }
    double free_bytes() const { return free_bytes_; }  // below 0: so many are missing

    const ServeMachine& machine() const { return machine_; }
    const ServePlan& plan() const { return plan_; }

   private:
    // One kind of matrix product, all its layers together, on one chip.
    struct Products {
        double flops_per_row = 0;
        double weight_bytes = 0;
        double rate = 1;
        double bandwidth = 1;
        double half_rows = 0;

        double seconds(double rows) const;
    };
    void set_products(const Transformer& model);
    void set_attention(const Transformer& model);
    void set_exchanges(const Transformer& model);
    void set_memory(const Transformer& model);
    double busiest(double part) const;
    double experts_s(double tokens) const;
    double exchange_s(double tokens) const;

    ServeMachine machine_;
    ServePlan plan_;
    Products dense_;    // projections of attention, dense MLPs, shared experts
    Products head_;     // the output layer
    Products experts_;  // if every token visited all that a chip holds, once
    double experts_per_token_ = 0;
    double expert_count_ = 0;
    double launch_s_ = 0;
    double prompt_launch_s_ = 0;
    double score_s_per_pair_ = 0;     // in layers that look at all
    double windowed_s_per_pair_ = 0;  // in layers with a window
    double window_ = 0;
    double cache_s_per_token_ = 0;  // in layers that look at all, on the chip that has most
    double windowed_s_per_token_ = 0;
    double state_s_per_sequence_ = 0;  // of linear attention
    double exchange_latency_s_ = 0;
    double exchange_s_per_token_ = 0;
    double cache_bytes_per_token_ = 0;
    double cache_bytes_per_token_and_chip_ = 0;
    double transfer_bytes_per_token_ = 0;
    double weight_bytes_ = 0;
    double free_bytes_ = 0;
};

// Why no request can be served, in words with its numbers, and the nearest change that would lift it; empty: one can.
std::string memory_obstacle(const ReplicaCost& replica, double tokens_of_a_request);

}  // namespace dayu::plan
