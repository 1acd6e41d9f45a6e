// Searches how a model is served at a rate of requests with promises of TTFT and TPOT, on one kind of chip: all plans of a replica
// (tp, pp, attention_dp, moe_tp, moe_ep, number formats), and for each the fewest replicas that keep the promises in the mean.
// Prompts and answers may have pools of their own. Quantiles are then replayed for the few best (serve_replay.h).
//
// Means of an engine that decodes B sequences in the mean, of which each gets `a` tokens an iteration (one pipeline stage is an
// engine of its own: serve.h). With t the time of an iteration without prompts and d what one prompt adds to it, L requests/s of
// o tokens each take their share of the engine's time when
//   1/L = (o-1) t / (a B) + d          TPOT = B / (L (o-1))          TTFT = q + t/2 + L d^2 / (2 (1 - L d)) + t + d
// q being the host's part, t/2 what is left of the iteration under way, and the third term the wait for prompts before it (the
// formula of Pollaczek and Khinchine for equal prompts). L grows with B, and so do both times: B is found by bisection.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plan/serve.h"
#include "plan/serve_replay.h"

namespace dayu::plan {

struct ServeJob {
    Transformer model;
    double rate = 0;         // requests/s
    double prompt = 0;       // tokens, in the mean
    double answer = 0;       // of them two at least, or nothing is decoded
    double long_prompt = 0;  // of which TTFT is promised too: at the quantile of the targets
    double longest = 0;      // prompt and answer together that memory must hold
    double found_part = 0;   // of prompts, by the prefix cache
    ServeTargets targets;
    EngineSetting engine;
};

// What a search looks through.
struct ServeSearch {
    std::vector<NumberFormat> formats{NumberFormat::bf16};  // of weights and products
    NumberFormat cache = NumberFormat::bf16;
    bool may_split = false;  // pools of their own for prompts and answers, too
    double most_chips = 64;  // of a replica
    double most_stages = 8;
    double chips = 0;  // that there are; 0: as many as it takes
    std::uint32_t top = 10;
};

// Of one engine, in the mean.
struct EngineMeans {
    double rate = 0;      // requests/s
    double decoding = 0;  // sequences
    double ttft_s = 0;
    double tpot_s = 0;
    double prompt_part = 0;  // of its time
};

// A way to serve the job. Without `decode_replicas` one pool does both.
struct ServeOffer {
    ServePlan plan;  // of the pool that computes prompts
    double replicas = 0;
    ServePlan decode_plan;
    double decode_replicas = 0;
    double ttft_s = 0, tpot_s = 0;  // in the mean
    double cache_part = 0;          // of the decoding pool's memory, in use in the mean
    double prompt_part = 0;         // of all chips' time, for prompts
    double decode_part = 0;         // and for answers

    bool is_split() const { return decode_replicas > 0; }
    double chips() const {
        return replicas * plan.chips() + decode_replicas * (is_split() ? decode_plan.chips() : 0);
    }
};

// What stands in the way of a job, in the order in which plans meet it.
enum class ServeLimit : std::uint8_t { none, memory, ttft, tpot, rate };

// The plan that came furthest, and what stopped it.
struct ServeObstacle {
    ServeLimit limit = ServeLimit::none;
    ServePlan plan;
    double value = 0;  // seconds, or chips
    double most = 0;   // that there may be
};

struct ServeSearchResult {
    std::vector<ServeOffer> offers;  // the fewest chips first; of equal ones the fastest
    std::uint64_t weighed = 0;       // plans of a replica
    ServeObstacle obstacle;          // where there is no offer
};

ServeSearchResult serve_search(const ServeJob& job, const ServeMachine& machine,
                               const ServeSearch& search);

// The same offer with other numbers of replicas: its means at the job's rate.
void set_replicas(const ServeJob& job, const ServeMachine& machine, ServeOffer& offer,
                  double replicas, double decode_replicas);

// The binding constraint in words with its numbers, and the nearest change that would lift it.
std::string describe(const ServeObstacle& obstacle, const ServeJob& job,
                     const ServeMachine& machine);

// For a replay. A stage of a pipeline is an engine of its own, with its part of the memory.
ServeFleet fleet_of(const ServeJob& job, const ServeMachine& machine, const ServeOffer& offer);

// "tp8", "tp1 dp8 ep8 fp8"; with two pools "2x[tp4] + 3x[tp8]".
std::string words_of(const ServePlan& plan);
std::string words_of(const ServeOffer& offer);
std::string_view word_of(NumberFormat format);
std::optional<NumberFormat> number_format(std::string_view word);

}  // namespace dayu::plan
