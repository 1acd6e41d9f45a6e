// The mean times of requests in a closed loop, as those who measure engines have it: a number of requests is under way at any
// time. By fixed points: how many sequences decode at once follows from how long they take, and the other way round (Little,
// 1961). The means of requests that come at a rate are those of serve_search.h; quantiles are for a replay (serve_replay.h).
//
// An engine that does both works on prompts in chunks of `token_budget`; an iteration with a chunk takes longer, and all
// sequences wait for it. So of the iterations of one second, rate * chunks are long and the others short, and TPOT is their mean.
// Prompts queue for their chunks as jobs do for one server with equal service times (M/D/1), and those of a closed loop also
// behind others that came with them when the loop began.
#pragma once

#include <string>

#include "plan/serve.h"

namespace dayu::plan {

struct ServeLoad {
    double isl = 0, osl = 0;  // tokens, in the mean
    double prefix_hit = 0;    // part of the prompt that is in the cache already
};

// Of a request.
struct ServeTimes {
    double ttft_s = 0;
    double tpot_s = 0;
    double rate = 0;      // requests/s that end
    double decoding = 0;  // sequences at once
    double busy_part =
        0;  // of the time, prompts are worked on; of a pool of prefill workers, its use
    std::string obstacle;  // why there is no steady state; empty: there is
};

struct EngineBounds {
    double token_budget = 8192;  // of a chunk
    double accepted =
        1;  // tokens that an iteration gives a sequence (speculative decoding, drafting paid)
    double drafts = 0;  // tokens that it checks beside, whose products it computes too
    double places =
        0;  // sequences that a worker of split pools decodes at most; 0: as memory holds
};

// `concurrency` requests are under way at one replica at any time: who ends makes place for the next.
ServeTimes closed_loop(const ReplicaCost& replica, const ServeLoad& load, double concurrency,
                       const EngineBounds& bounds = {});

// Prompts are computed by workers of their own, and keys and values move to those that decode.
struct SplitFleet {
    const ReplicaCost* prefill = nullptr;
    double prefill_workers = 1;
    const ReplicaCost* decode = nullptr;
    double decode_workers = 1;
};
ServeTimes closed_loop(const SplitFleet& fleet, const ServeLoad& load, double concurrency,
                       const EngineBounds& bounds = {});

}  // namespace dayu::plan
