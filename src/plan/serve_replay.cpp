#include "plan/serve_replay.h"

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "plan/replay/replica.h"
#include "plan/statistics.h"

namespace dayu::plan {
namespace {

using replay::Replica;
using replay::Task;

constexpr double for_ever_s = std::numeric_limits<double>::infinity();

// Hands tasks to the replicas of a pool as they become ready. What is asked of all replicas at every arrival, when something
// happens next and how much there is to do, is kept side by side.
class Pool {
   public:
    Pool(const ReplicaPool& pool, const EngineSetting& setting, Replay& result)
        : setting_(setting),
          result_(result),
          replicas_(std::max(1U, pool.replicas), Replica(pool, setting, result)),
          next_s_(replicas_.size(), for_ever_s),
          loads_(replicas_.size(), 0) {}

    // In the order in which they are ready.
    void work(const std::vector<Task>& tasks) {
        for (const Task& task : tasks) {
            if (!replicas_.front().could_hold(task)) {
                result_.outcomes[task.request].is_refused = true;
                continue;
            }
            advance(task.ready_s);
            const std::size_t chosen = route(task);
            replicas_[chosen].add(task);
            note(chosen);
        }
        advance(for_ever_s);
    }

   private:
    void advance(double until_s) {
        for (std::size_t i = 0; i < replicas_.size(); ++i) {
            if (next_s_[i] > until_s) continue;
            replicas_[i].advance(until_s);
            note(i);
        }
    }

    void note(std::size_t replica) {
        next_s_[replica] = replicas_[replica].next_s();
        loads_[replica] = static_cast<std::uint32_t>(replicas_[replica].load());
    }

    std::size_t route(const Task& task) const {
        const auto least = std::ranges::min_element(loads_);
        auto best = static_cast<std::size_t>(least - loads_.begin());
        if (setting_.routing == Routing::least_loaded || task.blocks.empty()) return best;
        const double most = static_cast<double>(*least) + setting_.load_slack;
        std::size_t found = replicas_[best].cached_blocks(task);
        for (std::size_t i = 0; i < replicas_.size(); ++i) {
            if (static_cast<double>(loads_[i]) > most) continue;
            const std::size_t cached = replicas_[i].cached_blocks(task);
            if (cached <= found) continue;
            best = i;
            found = cached;
        }
        return best;
    }

    const EngineSetting& setting_;
    Replay& result_;
    std::vector<Replica> replicas_;
    std::vector<double> next_s_;
    std::vector<std::uint32_t> loads_;
};

std::vector<Task> tasks_of(const ServeTrace& trace, const EngineSetting& setting,
                           bool gives_first_alone) {
    std::vector<Task> tasks;
    tasks.reserve(trace.requests.size());
    for (const ServeRequest& request : trace.requests) {
        tasks.push_back({.request = static_cast<std::uint32_t>(tasks.size()),
                         .ready_s = request.arrival_s + setting.request_s,
                         .context = request.prompt,
                         .answer = gives_first_alone ? 1 : request.answer,
                         .blocks = {}});
        if (setting.keeps_prefixes) tasks.back().blocks = trace.blocks_of(request);
    }
    return tasks;
}

// What is left to do when prompts are computed: all but the first token, once keys and values have moved.
std::vector<Task> decoding_tasks(const ServeTrace& trace, const ServeFleet& fleet,
                                 const Replay& result) {
    std::vector<Task> tasks;
    for (std::uint32_t i = 0; i < trace.requests.size(); ++i) {
        const ServeRequest& request = trace.requests[i];
        const RequestOutcome& outcome = result.outcomes[i];
        if (outcome.is_refused || request.answer <= 1) continue;
        tasks.push_back({.request = i,
                         .ready_s = outcome.first_s + request.prompt * fleet.transfer_s_per_token,
                         .context = request.prompt + 1,
                         .answer = request.answer - 1,
                         .has_keys = true,
                         .blocks = {}});
    }
    std::ranges::stable_sort(tasks, {}, &Task::ready_s);
    return tasks;
}

Spread spread_of(std::vector<double> values, double quantile) {
    if (values.empty()) return {};
    Spread spread;
    spread.mean = mean_of(values);
    spread.p50 = quantile_of(values, 0.5);
    spread.p90 = quantile_of(values, 0.9);
    spread.p99 = quantile_of(values, 0.99);
    spread.at_quantile = quantile_of(values, quantile);
    return spread;
}

// One definition for all of the planner: (e2e - TTFT) / (OSL - 1).
double tpot_of(const ServeRequest& request, const RequestOutcome& outcome) {
    return request.answer > 1 ? (outcome.end_s - outcome.first_s) / (request.answer - 1) : 0;
}

}  // namespace

Replay replay_requests(const ServeTrace& trace, const ServeFleet& fleet,
                       const EngineSetting& setting) {
    CHECK(setting.accepted >= 1 && setting.token_budget >= 1 && setting.most_sequences >= 1);
    const bool is_split = fleet.decoders.replicas > 0;
    Replay result;
    result.outcomes.resize(trace.requests.size());
    Pool(fleet.pool, setting, result).work(tasks_of(trace, setting, is_split));
    if (is_split) Pool(fleet.decoders, setting, result).work(decoding_tasks(trace, fleet, result));
    for (const RequestOutcome& outcome : result.outcomes)
        result.span_s = std::max(result.span_s, outcome.end_s);
    return result;
}

ReplayFigures figures_of(const ServeTrace& trace, const ServeFleet& fleet, const Replay& replay,
                         const ServeTargets& targets) {
    ReplayFigures figures;
    figures.requests = trace.requests.size();
    figures.preemptions = replay.preemptions;
    std::vector<double> ttft_s, tpot_s, e2e_s, queue_s;
    double prompts = 0, cached = 0, met = 0;
    for (std::size_t i = 0; i < trace.requests.size(); ++i) {
        const ServeRequest& request = trace.requests[i];
        const RequestOutcome& outcome = replay.outcomes[i];
        if (outcome.is_refused) {
            ++figures.refused;
            continue;
        }
        const double tpot = tpot_of(request, outcome);
        ttft_s.push_back(outcome.first_s - request.arrival_s);
        if (request.answer > 1) tpot_s.push_back(tpot);
        e2e_s.push_back(outcome.end_s - request.arrival_s);
        queue_s.push_back(outcome.admitted_s - request.arrival_s);
        prompts += request.prompt;
        cached += outcome.cached;
        const bool is_met = (targets.ttft_s == 0 || ttft_s.back() <= targets.ttft_s) &&
                            (targets.tpot_s == 0 || tpot <= targets.tpot_s);
        if (is_met) ++met;
    }
    figures.ttft_s = spread_of(std::move(ttft_s), targets.quantile);
    figures.tpot_s = spread_of(std::move(tpot_s), targets.quantile);
    figures.e2e_s = spread_of(std::move(e2e_s), targets.quantile);
    figures.queue_s = spread_of(std::move(queue_s), targets.quantile);
    figures.cache_peak_part = replay.cache_peak_part;
    if (figures.requests > 0) figures.attainment = met / static_cast<double>(figures.requests);
    if (prompts > 0) figures.cache_hit_part = cached / prompts;
    if (replay.span_s <= 0) return figures;
    const double replicas = fleet.pool.replicas + fleet.decoders.replicas;
    figures.goodput = met / replay.span_s;
    figures.tokens_per_s = (prompts + replay.answer_tokens) / replay.span_s;
    figures.answer_tokens_per_s = replay.answer_tokens / replay.span_s;
    figures.busy_part = replay.busy_s / (replicas * replay.span_s);
    return figures;
}

}  // namespace dayu::plan
