#include "agent/step.h"

#include <algorithm>

namespace dayu::agent {
namespace {

constexpr Duration long_poll = seconds(10);
constexpr Duration answer_patience = seconds(30);  // past the wait, before a request counts as lost
constexpr Duration first_backoff = milliseconds(100);
constexpr Duration longest_backoff = seconds(10);
constexpr std::size_t max_observations = 2'000;  // a request; the others follow with the next
constexpr std::size_t max_log_chunks = 16;
constexpr Duration claim_again_after = seconds(2);
constexpr std::int64_t max_claim_failures = 3;
// What could not be obeyed is ordered again by the next answer: not at once.
constexpr Duration pause_after_trouble = milliseconds(300);

struct Step {
    State& state;
    Instant now;
    std::vector<Output> out;

    void operator()(const Tick&) {
        if (!state.outstanding) return;
        const Outstanding& waiting = *state.outstanding;
        const Duration wait = waiting.is_long_poll ? long_poll : Duration{};
        if (now - waiting.sent > wait + answer_patience) fail(waiting.number);
    }

    void operator()(const SyncFailed& input) { fail(input.number); }

    void operator()(const Observed& input) {
        state.observed = true;
        std::map<Token, Observation> seen;
        for (const Observation& observation : input.observations) {
            const auto known = state.holding.find(observation.token);
            const bool changed =
                known == state.holding.end() || is_news(known->second, observation);
            if (changed) state.unreported.insert(observation.token);
            seen.emplace(observation.token, observation);
        }
        // No engine knows what is not claimed yet.
        for (const auto& [token, staging] : state.staging) {
            const auto known = state.holding.find(token);
            if (known != state.holding.end()) seen.emplace(token, known->second);
        }
        state.holding = std::move(seen);
        const auto is_gone = [&](const Token& token) { return !state.holding.contains(token); };
        std::erase_if(state.unreported, is_gone);
        std::erase_if(state.stopping, is_gone);
    }

    void operator()(const StartFailed& input) {
        state.holding.erase(input.token);
        state.unreported.erase(input.token);
        Claiming& claiming = state.claiming[input.token];
        claiming.again = now + claim_again_after;
        if (++claiming.failures < max_claim_failures) return;
        state.claiming.erase(input.token);
        out.push_back(FindOrClaim{.token = input.token, .center = input.center, .why = input.why});
    }

    void operator()(const StagingBegan& input) {
        const auto held = state.holding.find(input.token);
        if (!state.staging.contains(input.token) || held == state.holding.end()) return;
        held->second.state = AttemptState::staging;
        held->second.at = input.at;
        state.unreported.insert(input.token);
    }

    void operator()(const Staged& input) {
        const auto staging = state.staging.find(input.token);
        if (staging == state.staging.end()) return;
        staging->second.is_there = true;
        start_what_is_there();
    }

    void operator()(const StagingFailed& input) {
        const auto staging = state.staging.find(input.token);
        if (staging == state.staging.end()) return;
        out.push_back(FindOrClaim{
            .token = input.token, .center = staging->second.order.center, .why = input.why});
        state.staging.erase(staging);
    }

    void operator()(const StopFailed& input) {
        state.stopping.erase(input.token);
        pause();
    }

    void operator()(const SettleFailed&) { pause(); }

    void operator()(const LogRead& input) { state.log_chunks.push_back(input.chunk); }

    void operator()(const Replied& input) {
        if (!state.outstanding || state.outstanding->number != input.number) return;
        const Outstanding answered = std::move(*state.outstanding);
        state.outstanding.reset();
        state.failures = 0;
        state.greeted = true;
        state.lease_until = std::max(state.lease_until, answered.sent + input.reply.lease);
        out.push_back(RenewContact{.ago = now - answered.sent});
        confirm(answered);
        obey(input.reply);
    }

    // The server has heard this, and has it on disk.
    void confirm(const Outstanding& answered) {
        for (const auto& [token, windows_to] : answered.reported) {
            const auto held = state.holding.find(token);
            if (held == state.holding.end() || windows_to.ms == 0) continue;
            std::erase_if(held->second.windows,
                          [&](const UsageWindow& window) { return window.to <= windows_to; });
            out.push_back(Acknowledge{.token = token, .windows_to = windows_to});
        }
    }

    void obey(const SyncReply& reply) {
        for (const Token& token : reply.settled) {
            state.holding.erase(token);
            state.unreported.erase(token);
            state.stopping.erase(token);
            out.push_back(SettleAttempt{.token = token});
        }
        for (const StopOrder& order : reply.stops) {
            state.claiming.erase(order.token);
            state.stopping.insert(order.token);
            if (!stop_staging(order)) out.push_back(StopAttempt{.order = order});
        }
        for (const Token& token : reply.inquiries) {
            if (!state.holding.contains(token))
                out.push_back(FindOrClaim{.token = token, .center = {}});
            pause();
        }
        for (const StartOrder& order : reply.starts) start(order);
        start_what_is_there();
        for (const LogRequest& request : reply.log_requests)
            out.push_back(ReadLog{.request = request});
    }

    // A lease is the right to start: without one the order waits for the next sync.
    void start(const StartOrder& order) {
        if (now >= state.lease_until || state.holding.contains(order.token)) return;
        const auto failed = state.claiming.find(order.token);
        if (failed != state.claiming.end() && now < failed->second.again) {
            pause();
            return;
        }
        Observation claimed;
        claimed.token = order.token;
        state.holding.emplace(order.token, claimed);
        if (order.body.workdir) {
            state.staging.emplace(order.token, Staging{.order = order});
            out.push_back(StageAttempt{.order = order});
        } else {
            out.push_back(StartAttempt{.order = order});
        }
    }

    // A lease may have run out while the workdir was on its way; the next answer brings another.
    void start_what_is_there() {
        if (now >= state.lease_until) return;
        for (auto at = state.staging.begin(); at != state.staging.end();) {
            if (!at->second.is_there) {
                ++at;
                continue;
            }
            out.push_back(StartAttempt{.order = std::move(at->second.order)});
            at = state.staging.erase(at);
        }
    }

    // It ends without having begun.
    bool stop_staging(const StopOrder& order) {
        const auto staging = state.staging.find(order.token);
        if (staging == state.staging.end()) return false;
        out.push_back(AbandonStaging{.token = order.token});
        out.push_back(FindOrClaim{.token = order.token,
                                  .center = staging->second.order.center,
                                  .why = "stopped before it was started"});
        state.staging.erase(staging);
        return true;
    }

    void fail(std::uint64_t number) {
        if (!state.outstanding || state.outstanding->number != number) return;
        for (const auto& [token, windows_to] : state.outstanding->reported) {
            if (state.holding.contains(token)) state.unreported.insert(token);
        }
        state.outstanding.reset();
        const Duration backoff{first_backoff.ms << std::min<std::int64_t>(state.failures++, 10)};
        state.next_sync = now + std::min(backoff, longest_backoff);
    }

    void pause() { state.next_sync = std::max(state.next_sync, now + pause_after_trouble); }

    static bool is_news(const Observation& before, const Observation& after) {
        return before.state != after.state || before.ending != after.ending ||
               (!after.windows.empty() &&
                (before.windows.empty() || before.windows.back().to < after.windows.back().to));
    }

    bool has_news() const { return !state.unreported.empty() || !state.log_chunks.empty(); }

    void sync_if_due() {
        if (!state.observed || now < state.next_sync) return;
        if (state.outstanding) {
            if (!state.outstanding->is_long_poll || !has_news()) return;
            out.push_back(AbandonSync{.number = state.outstanding->number});
        }
        send();
    }

    void send() {
        SyncRequest request;
        request.agent = state.identity.agent;
        request.installation = state.identity.installation;
        request.incarnation = state.identity.incarnation;
        request.number = ++state.last_number;
        request.centers = state.identity.centers;
        request.stopping.assign(state.stopping.begin(), state.stopping.end());
        const bool is_long_poll = state.greeted && !has_news();
        request.wait = is_long_poll ? long_poll : Duration{};
        Outstanding sent{
            .number = request.number, .sent = now, .is_long_poll = is_long_poll, .reported = {}};
        for (const auto& [token, latest] : state.holding) {
            request.holding.push_back(token);
            // An end is told until it is settled.
            const bool is_due = latest.ending.has_value() || state.unreported.contains(token);
            if (!is_due || request.observations.size() == max_observations) continue;
            request.observations.push_back(latest);
            sent.reported.emplace(token,
                                  latest.windows.empty() ? Time{} : latest.windows.back().to);
            state.unreported.erase(token);
        }
        const auto chunks = std::min(state.log_chunks.size(), max_log_chunks);
        const auto last = state.log_chunks.begin() + static_cast<std::ptrdiff_t>(chunks);
        request.log_chunks.assign(state.log_chunks.begin(), last);
        state.log_chunks.erase(state.log_chunks.begin(), last);
        state.outstanding = std::move(sent);
        out.push_back(SendSync{.request = std::move(request)});
    }
};

}  // namespace

std::vector<Output> step(State& state, const Input& input, Instant now) {
    Step step{state, now, {}};
    std::visit(step, input);
    step.sync_if_due();
    return std::move(step.out);
}

Instant next_tick(const State& state, Instant now) {
    if (!state.outstanding) return std::max(state.next_sync, now);
    const Duration wait = state.outstanding->is_long_poll ? long_poll : Duration{};
    return state.outstanding->sent + wait + answer_patience;
}

}  // namespace dayu::agent
