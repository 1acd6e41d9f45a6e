#include "plan/serve_steady.h"

#include <algorithm>
#include <cmath>

namespace dayu::plan {
namespace {

constexpr int most_steps = 40;
constexpr double close_enough = 1e-4;  // relative; measurements repeat to 4 %
constexpr double fullest = 0.98;       // use of prefill from which on a queue grows without end

// How one prompt goes through an engine.
struct Prompt {
    double tokens = 0;  // to compute
    double chunks = 1;
    double chunk_tokens = 0;
    double chunk_pairs = 0;  // in the mean of its chunks

    Prompt(const ReplicaCost& replica, const ServeLoad& load, const EngineBounds& bounds)
        : tokens(std::max(1.0, load.isl * (1 - load.prefix_hit))) {
        chunks = std::ceil(tokens / bounds.token_budget);
        chunk_tokens = tokens / chunks;
        const double cached = load.isl - tokens;
        chunk_pairs = (tokens * tokens / 2 + tokens * cached) / chunks;
        // The attention groups work on a prompt each, side by side.
        chunk_tokens *= replica.plan().attention_dp;
        chunk_pairs *= replica.plan().attention_dp;
    }

    // Prompts that wait and fit in one iteration.
    double together(const EngineBounds& bounds) const {
        return std::max(1.0, std::floor(bounds.token_budget / tokens));
    }
};

double decode_s(const ReplicaCost& replica, double sequences, double context,
                const EngineBounds& bounds) {
    return replica.iteration_s({.decoding = sequences * (1 + bounds.drafts),
                                .decode_context = sequences * context}) /
           bounds.accepted;
}

double mean_context(const ServeLoad& load) { return load.isl + load.osl / 2; }

// Waiting time over service time, of one server with equal service times.
double queue_factor(double use) { return use / (2 * (1 - std::min(use, fullest))); }

struct Pace {
    double tpot_s = 0;
    double chunk_s = 0;    // an iteration with a chunk
    double busy_part = 0;  // of the time, in such iterations
};

// With `decoding` sequences, and chunks that come `chunk_rate` a second.
Pace pace_of(const ReplicaCost& replica, const ServeLoad& load, const EngineBounds& bounds,
             const Prompt& prompt, double decoding, double chunk_rate) {
    const double context = mean_context(load);
    const double short_s = decode_s(replica, std::max(decoding, 1.0), context, bounds);
    const double long_s = replica.iteration_s({.decoding = decoding,
                                               .decode_context = decoding * context,
                                               .prefill_tokens = prompt.chunk_tokens,
                                               .prefill_pairs = prompt.chunk_pairs});
    const double busy = chunk_rate * long_s;
    if (busy >= fullest) return {.tpot_s = long_s, .chunk_s = long_s, .busy_part = busy};
    const double iterations = chunk_rate + (1 - busy) / short_s;
    return {.tpot_s = 1 / iterations, .chunk_s = long_s, .busy_part = busy};
}

// Sequences that memory lets decode at once, in the whole replica.
double most_sequences(const ReplicaCost& replica, const ServeLoad& load) {
    return replica.cache_tokens() / mean_context(load);
}

ServeTimes unserved(std::string why) {
    ServeTimes none;
    none.obstacle = std::move(why);
    return none;
}

// Of one prompt on a prefill worker, its keys and values sent.
double prefill_s(const SplitFleet& fleet, const ServeLoad& load, const EngineBounds& bounds) {
    const Prompt prompt(*fleet.prefill, load, bounds);
    return prompt.chunks * fleet.prefill->iteration_s({.prefill_tokens = prompt.chunk_tokens,
                                                       .prefill_pairs = prompt.chunk_pairs});
}

// Of one of several prompts that share iterations.
double queued_prefill_s(const SplitFleet& fleet, const ServeLoad& load,
                        const EngineBounds& bounds) {
    const Prompt prompt(*fleet.prefill, load, bounds);
    const double together = prompt.together(bounds);
    return prompt.chunks *
           fleet.prefill->iteration_s({.prefill_tokens = together * prompt.chunk_tokens,
                                       .prefill_pairs = together * prompt.chunk_pairs}) /
           together;
}

double transfer_s(const SplitFleet& fleet, const ServeLoad& load) {
    const ServePlan& plan = fleet.prefill->plan();
    const ServeMachine& machine = fleet.prefill->machine();
    const double links = std::min(plan.chips(), machine.fabric.node.chips);
    return load.isl * fleet.prefill->transfer_bytes_per_token() /
           (machine.constants.links * network_bandwidth(machine.fabric.network) * links);
}

double prefill_servers(const SplitFleet& fleet) {
    return fleet.prefill_workers * fleet.prefill->plan().attention_dp;
}

}  // namespace

ServeTimes closed_loop(const ReplicaCost& replica, const ServeLoad& load, double concurrency,
                       const EngineBounds& bounds) {
    if (std::string why = memory_obstacle(replica, load.isl + load.osl); !why.empty())
        return unserved(std::move(why));
    const ServeConstants& constants = replica.machine().constants;
    const Prompt prompt(replica, load, bounds);
    const double groups = replica.plan().attention_dp;
    const double served = std::min(concurrency, std::max(1.0, most_sequences(replica, load)));
    // Others of its attention group that came at once with it, when the loop began.
    const double ahead = constants.waiting * std::max(0.0, served / groups - 1) / 2;

    ServeTimes times;
    times.tpot_s = decode_s(replica, served, mean_context(load), bounds);
    times.ttft_s = constants.request_s + prompt.chunks * times.tpot_s;
    double service_s = times.ttft_s;
    for (int step = 0; step < most_steps; ++step) {
        times.rate = served / (service_s + (load.osl - 1) * times.tpot_s);
        times.decoding = std::min(served, times.rate * (load.osl - 1) * times.tpot_s);
        const Pace pace = pace_of(replica, load, bounds, prompt, times.decoding,
                                  times.rate * prompt.chunks / groups);
        const double prefill_s = prompt.chunks * pace.chunk_s;
        const double next_service_s = constants.request_s + times.tpot_s / 2 +
                                      prefill_s * (1 + ahead + queue_factor(pace.busy_part));
        const bool is_settled =
            std::abs(pace.tpot_s - times.tpot_s) < close_enough * times.tpot_s &&
            std::abs(next_service_s - service_s) < close_enough * service_s;
        times.tpot_s = (times.tpot_s + pace.tpot_s) / 2;
        service_s = (service_s + next_service_s) / 2;
        times.busy_part = pace.busy_part;
        if (is_settled) break;
    }
    times.rate = served / (service_s + (load.osl - 1) * times.tpot_s);
    // Those for which memory has no room wait outside, by Little's law.
    times.ttft_s = service_s + (concurrency - served) / times.rate;
    return times;
}

ServeTimes closed_loop(const SplitFleet& fleet, const ServeLoad& load, double concurrency,
                       const EngineBounds& bounds) {
    for (const ReplicaCost* worker : {fleet.prefill, fleet.decode}) {
        if (std::string why = memory_obstacle(*worker, load.isl + load.osl); !why.empty())
            return unserved(std::move(why));
    }
    const ServeConstants& constants = fleet.prefill->machine().constants;
    const double one_prefill_s = prefill_s(fleet, load, bounds);
    const double queued_s = queued_prefill_s(fleet, load, bounds);
    const double servers = prefill_servers(fleet);
    const double held = std::max(1.0, most_sequences(*fleet.decode, load));
    const double most = bounds.places > 0 ? std::min(held, bounds.places) : held;
    const double ahead = constants.waiting * std::max(0.0, concurrency / servers - 1) / 2;

    ServeTimes times;
    times.tpot_s = decode_s(*fleet.decode, 1, mean_context(load), bounds);
    double ttft_s = constants.request_s + one_prefill_s;
    for (int step = 0; step < most_steps; ++step) {
        times.rate = std::min(concurrency / (ttft_s + (load.osl - 1) * times.tpot_s),
                              fullest * servers / queued_s);
        const double each =
            std::min(most, times.rate * (load.osl - 1) * times.tpot_s / fleet.decode_workers);
        const double tpot_s =
            decode_s(*fleet.decode, std::max(1.0, each), mean_context(load), bounds);
        times.rate =
            std::min(times.rate, fleet.decode_workers * most / ((load.osl - 1) * tpot_s + 1e-9));
        times.busy_part = times.rate * queued_s / servers;
        const double service_s = constants.request_s + transfer_s(fleet, load) + tpot_s +
                                 one_prefill_s + queued_s * (ahead + queue_factor(times.busy_part));
        // Whoever is under way and does not decode waits for its prompt, or for a place.
        const double waits_s = concurrency / times.rate - (load.osl - 1) * tpot_s;
        const double next_ttft_s =
            std::max(service_s, times.busy_part >= fullest - 1e-3 || each >= most ? waits_s : 0);
        const bool is_settled = std::abs(tpot_s - times.tpot_s) < close_enough * times.tpot_s &&
                                std::abs(next_ttft_s - ttft_s) < close_enough * ttft_s;
        times.tpot_s = (times.tpot_s + tpot_s) / 2;
        ttft_s = (ttft_s + next_ttft_s) / 2;
        times.decoding = each * fleet.decode_workers;
        if (is_settled) break;
    }
    times.ttft_s = ttft_s;
    return times;
}

}  // namespace dayu::plan
