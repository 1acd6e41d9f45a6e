#include "agent/driver.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace dayu::agent {
namespace {

constexpr Duration observe_often = milliseconds(20);
constexpr Duration observe_seldom = milliseconds(200);
constexpr Duration longest_sleep = seconds(5);

}  // namespace

Driver::Driver(Identity identity, std::vector<Site> sites, const http::ClientOptions& server,
               Clock& clock)
    : clock_(clock), observe_every_(observe_often), sync_(server) {
    state_.identity = std::move(identity);
    for (Site& site : sites) {
        held_.push_back(Held{.site = std::move(site), .latest = {}, .observed = false});
    }
}

void Driver::run() {
    while (!stopping_) {
        if (observes() && clock_.instant() >= observe_at_) {
            observe();
        } else {
            take(Tick{});
        }
        const Duration sleep = wake_at() - clock_.instant();
        const Duration timeout = std::clamp(sleep, milliseconds(0), longest_sleep);
        for (const Input& input : sync_.wait(timeout)) take(input);
    }
}

void Driver::stop() {
    stopping_ = true;
    sync_.wake();
}

// One input and all that follows from it at once.
void Driver::take(const Input& input) {
    next_.push_back(input);
    while (!next_.empty()) {
        const Input now = std::move(next_.front());
        next_.pop_front();
        for (const Output& output : step(state_, now, clock_.instant())) {
            std::visit([&](const auto& what) { perform(what); }, output);
        }
    }
}

bool Driver::observes() const { return must_observe_ || !state_.holding.empty(); }

Instant Driver::wake_at() const {
    const Instant tick = next_tick(state_, clock_.instant());
    return observes() ? std::min(tick, observe_at_) : tick;
}

void Driver::observe_soon() {
    must_observe_ = true;
    observe_every_ = observe_often;
    observe_at_ = clock_.instant();
}

// An engine that does not answer now keeps its last word; until each has spoken once there is none.
void Driver::observe() {
    bool changed = false;
    for (Held& held : held_) {
        Result<std::vector<Observation>> seen = held.site.engine->observe();
        if (!seen.ok()) {
            log_warning("engine of {}: {}", held.site.center, seen.error().message);
            continue;
        }
        changed |= held.latest != *seen;
        held.latest = *std::move(seen);
        held.observed = true;
    }
    observe_every_ =
        changed ? observe_often : std::min(Duration{observe_every_.ms * 2}, observe_seldom);
    observe_at_ = clock_.instant() + observe_every_;
    if (!std::ranges::all_of(held_, &Held::observed)) return;

    Observed all;
    place_of_.clear();
    for (std::size_t i = 0; i < held_.size(); ++i) {
        for (const Observation& observation : held_[i].latest) {
            place_of_[observation.token] = i;
            all.observations.push_back(observation);
        }
    }
    must_observe_ = false;
    take(all);
}

// Where it was seen; a token that nobody has seen concerns them all.
std::vector<engine::Engine*> Driver::engines_of(const Token& token) {
    if (const auto found = place_of_.find(token); found != place_of_.end()) {
        return {held_[found->second].site.engine};
    }
    std::vector<engine::Engine*> all;
    for (const Held& held : held_) all.push_back(held.site.engine);
    return all;
}

void Driver::perform(const SendSync& output) { sync_.send(output.request); }

void Driver::perform(const AbandonSync&) { sync_.abandon(); }

void Driver::perform(const StartAttempt& output) {
    const StartOrder& order = output.order;
    const auto place = std::ranges::find(
        held_, order.center, [](const Held& held) -> const auto& { return held.site.center; });
    Result<void> started = place == held_.end()
                               ? not_found("center_unknown", "no centre " + order.center + " here")
                               : place->site.engine->start(order);
    observe_soon();
    if (started.ok()) {
        place_of_[order.token] = static_cast<std::size_t>(place - held_.begin());
        return;
    }
    log_warning("{} does not start: {}", order.token.text, started.error().message);
    next_.push_back(StartFailed{.token = order.token});
}

void Driver::perform(const StopAttempt& output) {
    observe_soon();
    for (engine::Engine* engine : engines_of(output.order.token)) {
        const Result<void> stopped = engine->stop(output.order);
        if (stopped.ok()) continue;
        log_warning("{} does not stop: {}", output.order.token.text, stopped.error().message);
        next_.push_back(StopFailed{.token = output.order.token});
    }
}

// Stopping a token that was never claimed claims it. One that an engine holds is found already.
void Driver::perform(const FindOrClaim& output) {
    if (place_of_.contains(output.token)) return;
    StopOrder claim;
    claim.token = output.token;
    claim.cause = EndCause::start_failed;
    perform(StopAttempt{.order = std::move(claim)});
}

void Driver::perform(const Acknowledge& output) {
    for (engine::Engine* engine : engines_of(output.token)) {
        engine->acknowledge(output.token, output.windows_to);
    }
}

void Driver::perform(const SettleAttempt& output) {
    for (engine::Engine* engine : engines_of(output.token)) {
        const Result<void> settled = engine->settle(output.token);
        if (!settled.ok()) {
            log_warning("{} is not cleaned up: {}", output.token.text, settled.error().message);
        }
    }
}

void Driver::perform(const ReadLog& output) {
    LogChunk chunk{.id = output.request.id,
                   .offset = 0,
                   .base64 = {},
                   .at_end = true,
                   .complete = false,
                   .error = "the centre knows no such attempt"};
    for (engine::Engine* engine : engines_of(output.request.token)) {
        chunk = engine->read_log(output.request);
        if (chunk.error.empty()) break;
    }
    next_.push_back(LogRead{.chunk = std::move(chunk)});
}

void Driver::perform(const RenewContact& output) {
    for (const Held& held : held_) held.site.engine->renew_contact(output.ago);
}

}  // namespace dayu::agent
