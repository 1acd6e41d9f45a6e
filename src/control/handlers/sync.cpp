// One sync of an agent: who may speak for a centre, what its engines saw, and what it is to do.
#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "base/nearest.h"
#include "control/handlers/handlers.h"

namespace dayu::control {
namespace {

// The declaration with every chip under its canonical name.
Result<Center> canonical(const State& state, Center center) {
    TRY(validate(center));
    for (Pool& pool : center.pools) {
        if (pool.chip.empty()) continue;
        const Chip* chip = find_chip(state, pool.chip);
        if (chip == nullptr) {
            std::vector<std::string_view> names;
            for (const auto& [name, known] : state.chips.rows()) names.push_back(name);
            const std::string_view near = nearest(pool.chip, names);
            return invalid(
                "chip_unknown",
                "centre " + center.name + ", pool " + pool.name + ": no chip \"" + pool.chip +
                    "\" in the registry" +
                    (near.empty() ? "" : "; did you mean \"" + std::string(near) + "\"?"));
        }
        pool.chip = chip->name;
    }
    return center;
}

Error lease_held(const CenterRow& row, const SyncRequest& request) {
    return conflict("lease_held",
                    "centre \"" + row.center.name + "\" is held by agent \"" + row.agent +
                        "\" (installation " + row.installation.substr(0, 8) + "), not by \"" +
                        request.agent + "\" (installation " + request.installation.substr(0, 8) +
                        "); `dayu fence " + row.center.name + "` once nothing of the old one runs");
}

Error center_repeated(const Center& center, const SyncRequest& request) {
    return invalid("center_repeated", "agent \"" + request.agent + "\" declares centre \"" +
                                          center.name + "\" twice; give each its own name");
}

Result<void> join_center(const State& state, const Center& declared, const SyncRequest& request,
                         std::uint32_t& last_center, Events& events) {
    const Center center = TRY(canonical(state, declared));
    const auto id = find_center(state, center.name);
    if (!id) {
        const CenterId fresh{++last_center};
        events.push_back(CenterDeclared{.id = fresh, .center = center});
        events.push_back(LeaseGranted{
            .center = fresh, .agent = request.agent, .installation = request.installation});
        return {};
    }
    const CenterRow& row = state.centers.at(*id);
    if (!row.installation.empty() && row.installation != request.installation)
        return lease_held(row, request);
    if (row.center != center) events.push_back(CenterDeclared{.id = *id, .center = center});
    if (row.installation.empty()) {
        events.push_back(LeaseGranted{
            .center = *id, .agent = request.agent, .installation = request.installation});
    } else if (row.contact_lost) {
        events.push_back(ContactRestored{.center = *id});
    }
    return {};
}

struct LiveAttempt {
    AttemptKey key;
    const AttemptRow* row = nullptr;
};

const AttemptRow* find_live(const State& state, AttemptKey key) {
    const AttemptRow* row = state.attempts.find(key.job);
    return row != nullptr && row->number == key.number ? row : nullptr;
}

// The live attempt that a token names; nothing when it is over, foreign or of the future.
std::optional<LiveAttempt> find_live(const State& state, const Token& token) {
    const auto key = parse_token(state.header.cluster, token);
    if (!key) return std::nullopt;
    const AttemptRow* row = find_live(state, *key);
    return row == nullptr ? std::nullopt : std::optional(LiveAttempt{.key = *key, .row = row});
}

// Over for good: the attempt was live once and is not any more, or this journal lost it in a restore.
bool is_over(const State& state, AttemptKey key) {
    if (key.job > state.header.last_job) return false;
    const JobRow* job = state.jobs.find(key.job);
    if (job == nullptr) return true;
    return key.number <= last_attempt(state, key.job, *job) && find_live(state, key) == nullptr;
}

bool is_step_forward(AttemptState from, AttemptState to) {
    if (from == AttemptState::suspended && to == AttemptState::running) return true;
    return to > from && to != AttemptState::ended;
}

void take_observation(const State& state, const Observation& seen, const LiveAttempt& live,
                      Time now, Events& events) {
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    Time metered_to = live.row->metered_to;
    std::int64_t metered_cpu_ms = live.row->metered.cpu_ms;
    for (UsageWindow window : seen.windows) {
        if (window.to <= metered_to) continue;
        std::int64_t& cpu_ms = window.usage.cpu_ms;  // their sum fits, whatever an engine says
        cpu_ms = std::clamp(cpu_ms, std::int64_t{0}, most - metered_cpu_ms);
        metered_cpu_ms += cpu_ms;
        metered_to = window.to;
        events.push_back(UsageMetered{.attempt = live.key, .window = window});
    }
    if (seen.ending) {
        append_ending(state, live.key.job, *seen.ending, now, events);
    } else if (is_step_forward(live.row->state, seen.state)) {
        events.push_back(
            AttemptAdvanced{.attempt = live.key, .state = seen.state, .observed = seen.at});
    }
}

// Attempts that an agent names, in order. Tokens that are not of this cluster are passed over.
using Keys = std::vector<AttemptKey>;

template <class Named, class TokenOf>
Keys keys_of(const State& state, const std::vector<Named>& all, TokenOf&& token_of) {
    Keys keys;
    keys.reserve(all.size());
    for (const Named& one : all) {
        const Token* token = token_of(one);
        const auto key = token ? parse_token(state.header.cluster, *token) : std::nullopt;
        if (key) keys.push_back(*key);
    }
    std::ranges::sort(keys);
    keys.erase(std::ranges::unique(keys).begin(), keys.end());
    return keys;
}

Keys keys_of(const State& state, const std::vector<Token>& tokens) {
    return keys_of(state, tokens, [](const Token& token) { return &token; });
}

// What an agent says of its attempts. A busy centre has thousands, and each of its syncs names them all.
struct Held {
    Keys holding;
    std::vector<bool> is_live;  // of those: it has its place at a centre of the agent
    Keys stopping;
};

std::optional<Token> checkpoint_source(const State& state, const JobRow& job, JobId id,
                                       CenterId center) {
    if (job.checkpoint_attempt == 0 || job.last_center != center) return std::nullopt;
    return make_token(state.header.cluster, {.job = id, .number = job.checkpoint_attempt});
}

StartOrder start_order(const State& state, const LiveAttempt& live, const std::string& center) {
    const JobRow& job = state.jobs.at(live.key.job);
    return {.token = make_token(state.header.cluster, live.key),
            .attempt = live.key,
            .center = center,
            .pool = live.row->pool,
            .job_name = job.name,
            .spec = spec_of(state.shapes.at(job.shape), live.row->variant),
            .variant = live.row->variant,
            .nodes = live.row->nodes,
            .body_ref = job.body,
            .body = {},
            .secrets = {},
            .resume_from = checkpoint_source(state, job, live.key.job, live.row->center),
            .array = job.array,
            .array_index = job.array_index,
            .array_tasks = job.array.value == 0 ? 0 : state.arrays.at(job.array).tasks};
}

StopOrder stop_order(const State& state, AttemptKey key, EndCause cause) {
    StopOrder order{.token = make_token(state.header.cluster, key),
                    .cause = cause,
                    .grace = Checkpoint{}.grace};
    if (const JobRow* row = state.jobs.find(key.job)) {
        const Checkpoint& checkpoint = state.shapes.at(row->shape).checkpoint;
        order.signal = checkpoint.signal;
        order.grace = checkpoint.grace;
    }
    return order;
}

// Orders for the live attempts of one centre.
void add_orders(const State& state, CenterId center, Held& held, SyncReply& reply) {
    const auto& places = state.attempts_at.rows();
    const std::string& name = state.centers.at(center).center.name;
    auto next = held.holding.begin();  // both are in order of jobs
    for (auto at = places.lower_bound({.center = center, .job = {}});
         at != places.end() && at->first.center == center; ++at) {
        const AttemptRow& row = state.attempts.at(at->first.job);
        const AttemptKey key{.job = at->first.job, .number = row.number};
        while (next != held.holding.end() && *next < key) ++next;
        const bool is_held = next != held.holding.end() && *next == key;
        if (is_held) held.is_live[static_cast<std::size_t>(next - held.holding.begin())] = true;
        if (row.stopping) {
            if (!std::ranges::binary_search(held.stopping, key))
                reply.stops.push_back(stop_order(state, key, *row.stopping));
        } else if (!is_held && row.state <= AttemptState::staging) {  // nothing of it was claimed
            reply.starts.push_back(start_order(state, {.key = key, .row = &row}, name));
        } else if (!is_held) {
            reply.inquiries.push_back(make_token(state.header.cluster, key));
        }
    }
}

// What the agent holds that is over: forget what has ended, stop what still runs.
void add_leftovers(const State& state, const SyncRequest& request, const Held& held,
                   SyncReply& reply) {
    const Keys ended = keys_of(state, request.observations, [](const Observation& seen) {
        return seen.ending ? &seen.token : nullptr;
    });
    for (std::size_t i = 0; i < held.holding.size(); ++i) {
        const AttemptKey key = held.holding[i];
        if (held.is_live[i] || !is_over(state, key)) continue;
        if (std::ranges::binary_search(ended, key)) {
            reply.settled.push_back(make_token(state.header.cluster, key));
        } else if (!std::ranges::binary_search(held.stopping, key)) {
            reply.stops.push_back(stop_order(state, key, EndCause::cancelled));
        }
    }
}

}  // namespace

Result<Events> sync_agent(const State& state, const SyncAgent& command, Time now) {
    const SyncRequest& request = command.request;
    Events events;
    std::uint32_t last_center = state.header.last_center.value;
    std::set<std::string_view> names;
    for (const Center& center : request.centers) {
        if (!names.insert(center.name).second) return center_repeated(center, request);
        TRY(join_center(state, center, request, last_center, events));
    }
    std::set<JobId> seen_jobs;  // a second word on the same attempt waits for the next sync
    for (const Observation& seen : request.observations) {
        const auto live = find_live(state, seen.token);
        if (!live || !seen_jobs.insert(live->key.job).second) continue;
        const CenterRow& row = state.centers.at(live->row->center);
        if (row.installation != request.installation) {
            return denied("lease_not_yours", "attempt " + seen.token.text +
                                                 " runs under the lease of agent \"" + row.agent +
                                                 "\" on centre \"" + row.center.name +
                                                 "\", not of \"" + request.agent + "\"");
        }
        take_observation(state, seen, *live, now, events);
    }
    return events;
}

SyncReply sync_reply(const State& state, const SyncRequest& request) {
    SyncReply reply;
    Held held{.holding = keys_of(state, request.holding),
              .is_live = {},
              .stopping = keys_of(state, request.stopping)};
    held.is_live.resize(held.holding.size());
    for (const Center& declared : request.centers) {
        const auto id = find_center(state, declared.name);
        if (!id || state.centers.at(*id).installation != request.installation) continue;
        add_orders(state, *id, held, reply);
    }
    add_leftovers(state, request, held, reply);
    return reply;
}

}  // namespace dayu::control
