// The planner of serving: what one iteration of an engine takes, for a model under a parallel plan on one kind of chip, and how
// many tokens its memory holds. An engine with continuous batching works in iterations: each gives every decoding sequence its
// next token, and works on a part of the prompts that were admitted (chunked prefill). All else follows from the length of an
// iteration: means from a fixed point (serve_steady.h), quantiles from a replay of requests (serve_replay.h).
//
// Words. ISL and OSL are tokens of a prompt and of its answer. TTFT is the time from a request's arrival to its first token,
// TPOT (e2e - TTFT) / (OSL - 1). A replica is one copy of the model on tp * pp * attention_dp chips.
#pragma once

#include <cstdint>

#include "plan/transformer.h"

namespace dayu::plan {

enum class NumberFormat : std::uint8_t { bf16, fp8, fp4, int4 };

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

// What one iteration works on, over the whole replica.
struct Iteration {
    double decoding = 0;        // sequences that get their next token
    double decode_context = 0;  // tokens that they look at, together
    double prefill_tokens = 0;  // of prompts
    double prefill_pairs =
        0;  // pairs of tokens that their attention weighs: of n whole prompt tokens n^2/2
};

}  // namespace dayu::plan
