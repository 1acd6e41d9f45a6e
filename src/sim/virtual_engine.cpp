#include "sim/virtual_engine.h"

#include <algorithm>
#include <utility>

namespace dayu::sim {
namespace {

constexpr Duration window = seconds(10);
constexpr Duration longest_spawn = milliseconds(40);
constexpr Duration poke_delay = milliseconds(5);
constexpr Duration exit_retry = seconds(1);  // while the disk has no room for the exit record
constexpr std::int64_t signal_term = 15;
constexpr std::int64_t signal_kill = 9;

Error trouble() { return unavailable("engine_busy", "the engine does not answer"); }
Error disk_full() { return unavailable("disk_full", "the machine's disk is full"); }

EndCause cause_of(Fate fate, const std::optional<StopOrder>& stop) {
    switch (fate) {
        case Fate::exited: return EndCause::exited;
        case Fate::time_limit: return EndCause::time_limit;
        case Fate::stopped: return stop->cause;
        case Fate::moved: return EndCause::moved;
        case Fate::shim_killed:
        case Fate::machine_lost: break;
    }
    return EndCause::node_failed;
}

Usage sum_of(const std::vector<UsageWindow>& windows) {
    Usage sum;
    for (const UsageWindow& one : windows) {
        sum.cpu_ms += one.usage.cpu_ms;
        sum.peak_memory_mib = std::max(sum.peak_memory_mib, one.usage.peak_memory_mib);
    }
    return sum;
}

}  // namespace

VirtualEngine::VirtualEngine(Timeline& timeline, Machine& machine, Witness& witness, Random random,
                             const VirtualEngineOptions& options)
    : timeline_(timeline),
      machine_(machine),
      witness_(witness),
      random_(random),
      options_(options) {}

EngineFacts VirtualEngine::facts() const {
    EngineFacts facts;
    facts.kind = "virtual";
    facts.fences_itself = options_.fences_itself;
    return facts;
}

Result<void> VirtualEngine::start(const StartOrder& order) {
    if (has_trouble()) return trouble();
    if (claims_.contains(order.token)) return {};
    if (machine_.disk_full) return disk_full();
    witness_.claimed(order);
    Claim claim;
    claim.claimed = machine_.clock.now();
    claim.boot = machine_.boot;
    claim.cpus = order.spec.resources.cpus * order.spec.nodes;
    claims_.emplace(order.token, claim);
    if (agent_dies_ && agent_dies_()) return trouble();
    spawn(order);
    return {};
}

void VirtualEngine::spawn(const StartOrder& order) {
    Shim shim;
    shim.number = ++last_shim_;
    shim.order = order;
    if (const auto program = parse_script(order.body.run)) shim.program = *program;
    const auto [at, fresh] = shims_.insert_or_assign(order.token, std::move(shim));
    tend_at(order.token, at->second, now() + random_.between(milliseconds(1), longest_spawn));
}

void VirtualEngine::tend_at(const Token& token, const Shim& shim, Instant when) {
    const Duration span = machine_.clock.true_span(std::max(when - now(), milliseconds(1)));
    timeline_.after(std::max(span, milliseconds(1)),
                    [this, token, number = shim.number] { tend(token, number); });
}

// A shim wakes when something may have to be done; it never minds being woken for nothing.
void VirtualEngine::tend(const Token& token, std::uint64_t number) {
    const auto at = shims_.find(token);
    if (at == shims_.end() || at->second.number != number) return;
    Shim& shim = at->second;
    if (shim.unwritten) return finish(shim, now());
    if (!shim.started) begin(shim);
    look_for_reasons_to_stop(shim, now());
    if (now() >= shim.ends_at) return finish(shim, now());
    Instant wake = shim.ends_at;
    const JobSpec& spec = shim.order.spec;
    if (!shim.stopping) {
        wake = std::min(wake, shim.began + spec.time_limit);
        if (spec.placement.move_after && options_.fences_itself)
            wake = std::min(wake, fence_at(shim));
    }
    tend_at(token, shim, wake);
}

void VirtualEngine::begin(Shim& shim) {
    shim.started = machine_.clock.now();
    shim.began = now();
    shim.ends_at = shim.began + shim.program.runs;
    if (const auto claim = claims_.find(shim.order.token); claim != claims_.end()) {
        claim->second.started = shim.started;
        claim->second.began = shim.began;
    }
    witness_.began(options_.center, shim.order);
}

Instant VirtualEngine::fence_at(const Shim& shim) const {
    const Instant from = contact_.boot == machine_.boot ? contact_.at : shim.began;
    return from + *shim.order.spec.placement.move_after;
}

void VirtualEngine::look_for_reasons_to_stop(Shim& shim, Instant now) {
    if (shim.stopping) {
        if (shim.stop) shim.ends_at = std::min(shim.ends_at, now + shim.stop->grace);
        return;
    }
    const JobSpec& spec = shim.order.spec;
    if (shim.stop) {
        begin_stop(shim, Fate::stopped, now, shim.stop->grace);
    } else if (now >= shim.began + spec.time_limit) {
        begin_stop(shim, Fate::time_limit, now, spec.checkpoint.grace);
    } else if (spec.placement.move_after && options_.fences_itself && now >= fence_at(shim)) {
        begin_stop(shim, Fate::moved, now, spec.checkpoint.grace);
    }
}

void VirtualEngine::begin_stop(Shim& shim, Fate fate, Instant now, Duration grace) {
    if (now >= shim.ends_at) return;  // over by itself
    shim.stopping = fate;
    if (fate == Fate::moved) witness_.gives_up(shim.order.token);
    shim.ends_at = std::min(shim.ends_at, now + std::min(grace, shim.program.lingers));
}

void VirtualEngine::finish(Shim& shim, Instant now) {
    const Token token = shim.order.token;
    if (!shim.unwritten) {
        Ending ending;
        const Fate fate = shim.stopping.value_or(Fate::exited);
        ending.cause = cause_of(fate, shim.stop);
        if (fate == Fate::exited) {
            ending.code = shim.program.code;
        } else {
            ending.signal =
                shim.program.lingers < shim.order.spec.checkpoint.grace ? signal_term : signal_kill;
        }
        ending.started = *shim.started;
        ending.ended = *shim.started + (now - shim.began);
        if (const auto claim = claims_.find(token); claim != claims_.end()) {
            close_windows(claim->second, now, true);
            ending.total = sum_of(claim->second.windows);
        }
        shim.unwritten = ending;
        witness_.over(token, fate, ending);
    }
    if (machine_.disk_full) return tend_at(token, shim, now + exit_retry);
    if (const auto claim = claims_.find(token); claim != claims_.end())
        claim->second.ending = shim.unwritten;
    shims_.erase(token);
}

void VirtualEngine::close_windows(Claim& claim, Instant now, bool last) {
    if (!claim.started) return;
    const Time began = *claim.started;
    const Time until = began + (now - claim.began);
    Time from = claim.windows.empty() ? began : claim.windows.back().to;
    while (from < until && (last || until - from >= window)) {
        const Time to = std::min(from + window, until);
        claim.windows.push_back(
            {.from = from,
             .to = to,
             .usage = {.cpu_ms = (to - from).ms * claim.cpus, .peak_memory_mib = 64}});
        from = to;
    }
}

Result<void> VirtualEngine::stop(const StopOrder& order) {
    if (has_trouble()) return trouble();
    if (const auto shim = shims_.find(order.token);
        shim != shims_.end() && claims_.contains(order.token)) {
        shim->second.stop = order;
        tend_at(order.token, shim->second, now() + poke_delay);
        return {};
    }
    if (claims_.contains(order.token)) return {};
    if (machine_.disk_full) return disk_full();
    Claim claim;
    claim.claimed = machine_.clock.now();
    claim.boot = machine_.boot;
    claim.ending = Ending{.cause = EndCause::start_failed,
                          .ended = claim.claimed,
                          .detail = "stopped before it was started"};
    claims_.emplace(order.token, claim);
    witness_.blocked(order.token);
    return {};
}

Result<std::vector<Observation>> VirtualEngine::observe() {
    if (has_trouble()) return trouble();
    std::vector<Observation> seen;
    for (auto& [token, claim] : claims_) {
        if (claim.settled) continue;
        look_at(token, claim);
        Observation one{.token = token, .at = claim.claimed, .windows = {}, .ending = claim.ending};
        for (const UsageWindow& closed : claim.windows) {
            if (closed.to > claim.acknowledged) one.windows.push_back(closed);
        }
        if (claim.ending) {
            one.state = AttemptState::ended;
            one.at = claim.ending->ended;
        } else if (claim.started) {
            one.state = AttemptState::running;
            one.at = *claim.started;
        }
        seen.push_back(std::move(one));
    }
    return seen;
}

// No shim and no exit record: the attempt is dead, and nothing ever starts there again.
void VirtualEngine::look_at(const Token& token, Claim& claim) {
    if (claim.ending) return;
    if (const auto shim = shims_.find(token); shim != shims_.end()) {
        if (!shim->second.unwritten) close_windows(claim, now(), false);
        return;
    }
    if (machine_.disk_full) return;
    const bool rebooted = claim.boot != machine_.boot;
    Ending ending{.cause = EndCause::node_failed, .ended = machine_.clock.now(), .detail = {}};
    if (!claim.started && !rebooted) ending.cause = EndCause::start_failed;
    ending.started = claim.started.value_or(Time{});
    ending.total = sum_of(claim.windows);
    if (!claim.started) witness_.blocked(token);
    claim.ending = ending;
}

void VirtualEngine::acknowledge(const Token& token, Time to) {
    const auto claim = claims_.find(token);
    if (claim != claims_.end())
        claim->second.acknowledged = std::max(claim->second.acknowledged, to);
}

Result<void> VirtualEngine::settle(const Token& token) {
    if (has_trouble()) return trouble();
    const auto claim = claims_.find(token);
    if (claim == claims_.end()) return {};
    if (!claim->second.ending) return conflict("attempt_not_ended", token.text + " has not ended");
    claim->second.settled = true;
    return {};
}

LogChunk VirtualEngine::read_log(const LogRequest& request) {
    return {
        .id = request.id, .base64 = {}, .at_end = true, .complete = true, .error = "no logs here"};
}

void VirtualEngine::renew_contact(Duration ago) {
    const Instant at{now().ms - ago.ms};  // a few bytes in their place: a full disk takes them
    if (contact_.boot != machine_.boot || contact_.at < at) contact_ = {machine_.boot, at};
}

void VirtualEngine::agent_restarted() {
    for (auto& [token, claim] : claims_) claim.acknowledged = {};
    if (options_.forgets_claims) claims_.clear();
}

void VirtualEngine::machine_down() {
    for (auto& [token, shim] : std::exchange(shims_, {})) {
        const auto claim = claims_.find(token);
        if (claim != claims_.end() && !shim.unwritten) close_windows(claim->second, now(), false);
        if (shim.started) witness_.over(token, Fate::machine_lost, {});
    }
}

void VirtualEngine::kill_one_shim() {
    if (shims_.empty()) return;
    const auto victim =
        std::next(shims_.begin(), static_cast<std::ptrdiff_t>(random_.index(shims_.size())));
    const auto [token, shim] = *victim;
    shims_.erase(victim);
    const auto claim = claims_.find(token);
    if (claim != claims_.end() && !shim.unwritten) close_windows(claim->second, now(), false);
    if (shim.started) witness_.over(token, Fate::shim_killed, {});
}

std::size_t VirtualEngine::unsettled() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(claims_, [](const auto& entry) { return !entry.second.settled; }));
}

}  // namespace dayu::sim
