#include "agent/sites.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace dayu::agent {

Sites::Sites(std::vector<Site> sites) {
    for (Site& site : sites) {
        held_.push_back(Held{.site = std::move(site), .latest = {}, .observed = false});
    }
}

Look Sites::observe() {
    Look look;
    for (std::size_t i = 0; i < held_.size(); ++i) {
        Held& held = held_[i];
        Result<std::vector<Observation>> seen = held.site.engine->observe();
        if (!seen.ok()) {
            // What it has started since its last word is still known to be there.
            log_warning("engine of {}: {}", held.site.center, seen.error().message);
            continue;
        }
        look.changed |= held.latest != *seen;
        held.latest = *std::move(seen);
        held.observed = true;
        std::erase_if(place_of_, [&](const auto& place) { return place.second == i; });
        for (const Observation& observation : held.latest) place_of_[observation.token] = i;
    }
    if (!std::ranges::all_of(held_, &Held::observed)) return look;
    look.all.emplace();
    for (const Held& held : held_) {
        look.all->observations.insert(look.all->observations.end(), held.latest.begin(),
                                      held.latest.end());
    }
    return look;
}

// Where it was seen; a token that nobody has seen concerns them all.
std::vector<engine::Engine*> Sites::engines_of(const Token& token) {
    if (const auto found = place_of_.find(token); found != place_of_.end()) {
        return {held_[found->second].site.engine};
    }
    std::vector<engine::Engine*> all;
    for (const Held& held : held_) all.push_back(held.site.engine);
    return all;
}

std::optional<Input> Sites::perform(const StartAttempt& output) {
    const StartOrder& order = output.order;
    const auto place = std::ranges::find(
        held_, order.center, [](const Held& held) -> const auto& { return held.site.center; });
    Result<void> started = place == held_.end()
                               ? not_found("center_unknown", "no centre " + order.center + " here")
                               : place->site.engine->start(order);
    if (started.ok()) {
        place_of_[order.token] = static_cast<std::size_t>(place - held_.begin());
        return std::nullopt;
    }
    log_warning("{} does not start: {}", order.token.text, started.error().message);
    return StartFailed{
        .token = order.token, .center = order.center, .why = started.error().message};
}

std::optional<Input> Sites::perform(const StopAttempt& output) {
    std::optional<Input> failed;
    for (engine::Engine* engine : engines_of(output.order.token)) {
        const Result<void> stopped = engine->stop(output.order);
        if (stopped.ok()) continue;
        log_warning("{} does not stop: {}", output.order.token.text, stopped.error().message);
        failed = StopFailed{.token = output.order.token};
    }
    return failed;
}

// Stopping a token that was never claimed claims it. One that an engine holds is found already.
std::optional<Input> Sites::perform(const FindOrClaim& output) {
    if (place_of_.contains(output.token)) return std::nullopt;
    StopOrder claim;
    claim.token = output.token;
    claim.cause = EndCause::start_failed;
    const auto place = std::ranges::find(
        held_, output.center, [](const Held& held) -> const auto& { return held.site.center; });
    if (place == held_.end()) return perform(StopAttempt{.order = std::move(claim)});
    engine::Engine& engine = *place->site.engine;
    const Result<void> claimed =
        output.why.empty() ? engine.stop(claim) : engine.refuse(claim.token, output.why);
    if (claimed.ok()) return std::nullopt;
    log_warning("{} is not claimed: {}", claim.token.text, claimed.error().message);
    return StopFailed{.token = claim.token};
}

std::optional<Input> Sites::perform(const Acknowledge& output) {
    for (engine::Engine* engine : engines_of(output.token)) {
        engine->acknowledge(output.token, output.windows_to);
    }
    return std::nullopt;
}

// At all of them: a stop of a token that nobody had seen has claimed it at each.
std::optional<Input> Sites::perform(const SettleAttempt& output) {
    std::optional<Input> failed;
    for (const Held& held : held_) {
        const Result<void> settled = held.site.engine->settle(output.token);
        if (settled.ok()) continue;
        log_warning("{} is not cleaned up: {}", output.token.text, settled.error().message);
        failed = SettleFailed{.token = output.token};
    }
    return failed;
}

std::optional<Input> Sites::perform(const ReadLog& output) {
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
    return LogRead{.chunk = std::move(chunk)};
}

std::optional<Input> Sites::perform(const RenewContact& output) {
    for (const Held& held : held_) held.site.engine->renew_contact(output.ago);
    return std::nullopt;
}

}  // namespace dayu::agent
