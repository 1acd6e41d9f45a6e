// Replays requests on replicas, iteration by iteration: what continuous batching makes of a stream of arrivals. Means come faster
// from the formulas of serve_search.h; this is for quantiles, for traces that come in bursts, and for prefixes that repeat.
//
// A replica works as vLLM does. Before each iteration the sequences that decode make sure of room for their next tokens; where
// memory has none, the one admitted last gives its keys and values up and is computed again later. Then prompts are admitted in
// the order of their arrival, as long as memory and the token budget of an iteration last; a longer prompt is worked on in
// chunks. Keys and values lie in pages: of each sequence's last one half counts as lost. Whole blocks of prompts are kept when
// their requests have ended and dropped where room is wanted, those first that nobody asked for longest.
//
// Between two events nothing but contexts grows. Such iterations are jumped over together: their times are the mean of the first
// and the last, which is exact where time is linear in context, and at most `jump_growth` of the context's reach at a time where it
// is not. Whoever routes by prefixes sees what a replica held when it last looked up. The same requests on the same replicas
// give the same figures, to the bit.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "plan/serve.h"
#include "plan/serve_trace.h"

namespace dayu::plan {

// Equal replicas side by side.
struct ReplicaPool {
    std::function<double(const Iteration&)> iteration_s;
    double cache_tokens = 0;  // whose keys and values one replica's memory holds
    // Attention groups of a replica (attention_dp). A prompt is computed by one of them, and an iteration lasts as long as the
    // group takes that has most to do: it counts as if all had as much.
    double groups = 1;
    std::uint32_t replicas = 1;
};

// Without `decoders`, `pool` does both. With them it computes prompts and first tokens alone, and keys and values move over.
struct ServeFleet {
    ReplicaPool pool;
    ReplicaPool decoders{.iteration_s = {}, .replicas = 0};
    double transfer_s_per_token = 0;
};

// least_loaded: to the replica with the fewest requests under way. cache_aware: of those with at most `load_slack` more than
// that, to the one that holds most of the prompt.
enum class Routing : std::uint8_t { least_loaded, cache_aware };

struct EngineSetting {
    double token_budget =
        8192;  // of an iteration and group, prompts and decoding sequences together
    double most_sequences = 256;  // of a group at once
    double page_tokens = 16;
    double free_part = 0.01;  // of memory that admission leaves to sequences which grow
    bool keeps_prefixes = true;
    double found_part = 0;  // of each prompt without hashes, taken as held already
    double request_s = 0;   // of the host, before the engine sees a request
    Routing routing = Routing::cache_aware;
    double load_slack = 8;  // requests
    // Speculative decoding as a factor: tokens that an iteration gives each sequence, and what drafting and checking them adds to
    // the time of its decoding, as a part of it.
    double accepted = 1;
    double draft_part = 0;
    double jump_growth = 0.25;  // 0: every iteration by itself
};

struct RequestOutcome {
    bool is_refused = false;  // prompt and answer are more than a replica's memory holds
    double admitted_s = 0;    // first worked on
    double first_s = 0;       // its first token
    double end_s = 0;
    double cached = 0;  // tokens of the prompt that were not computed
};

struct Replay {
    std::vector<RequestOutcome> outcomes;  // of the trace's requests, in their order
    std::uint64_t preemptions = 0;
    double busy_s = 0;           // of all replicas together
    double answer_tokens = 0;    // given
    double cache_peak_part = 0;  // of the fullest replica's memory, in use by requests
    double span_s = 0;           // from the first arrival to the last end
};

Replay replay_requests(const ServeTrace& trace, const ServeFleet& fleet,
                       const EngineSetting& setting);

// What must hold of a request, and for which part of all of them.
struct ServeTargets {
    double ttft_s = 0;  // 0: no target
    double tpot_s = 0;
    double quantile = 0.9;
};

// Of the requests that ended; a quantile is the smallest value that so large a part does not exceed.
struct Spread {
    double mean = 0;
    double p50 = 0, p90 = 0, p99 = 0;
    double at_quantile = 0;  // of the targets
};

struct ReplayFigures {
    std::uint64_t requests = 0;
    std::uint64_t refused = 0;
    std::uint64_t preemptions = 0;
    Spread ttft_s, tpot_s, e2e_s, queue_s;  // TPOT of answers of two tokens or more
    double attainment = 0;    // part of all requests that met both targets; a refused one met none
    double goodput = 0;       // of those, a second
    double tokens_per_s = 0;  // prompts and answers
    double answer_tokens_per_s = 0;
    double busy_part = 0;
    double cache_hit_part = 0;  // of the prompts' tokens
    double cache_peak_part = 0;
};

ReplayFigures figures_of(const ServeTrace& trace, const ServeFleet& fleet, const Replay& replay,
                         const ServeTargets& targets);

}  // namespace dayu::plan
