#include "tests/scenario/phrases.h"

#include <algorithm>

#include <fmt/core.h>

#include "tests/scenario/job_options.h"

namespace dayu::scenario {
namespace {

using Lines = std::vector<std::string>;

std::string signed_yuan(Money difference) {
    return (difference.micro_yuan >= 0 ? "+" : "") + yuan(difference);
}

bool is_offer(const Candidate& candidate) { return !candidate.refusal; }

// Of the finished work, where that is known.
Money price_of(const Candidate& candidate) {
    return candidate.finished ? candidate.finished->price : candidate.price;
}

// Why this offer won, told from the table alone: it is the only one, or strictly the best in something.
std::string why(const CandidateTable& table, const Candidate& chosen) {
    const auto beats_all = [&](auto worth) {
        return std::ranges::all_of(table.candidates, [&](const Candidate& other) {
            return &other == &chosen || !is_offer(other) || worth(chosen) < worth(other);
        });
    };
    if (std::ranges::count_if(table.candidates, is_offer) == 1) return "only-fit";
    if (beats_all(price_of)) return "cheapest";
    if (beats_all([](const Candidate& c) { return c.start; })) return "soonest";
    if (beats_all([](const Candidate& c) { return c.carbon_mg; })) return "greenest";
    if (beats_all([](const Candidate& c) { return c.objective; })) return "best-objective";
    return "first-of-equals";
}

// " (variant 1)", or nothing for a job that has none.
std::string variant_text(const Candidate& candidate) {
    return candidate.variant ? fmt::format(" (variant {})", *candidate.variant) : "";
}

std::string nodes_text(const std::vector<NodeShare>& shares) {
    constexpr std::size_t named = 8;
    if (shares.size() > named) return fmt::format("{} nodes", shares.size());
    std::string nodes;
    for (const NodeShare& share : shares)
        nodes += fmt::format("{}{}", nodes.empty() ? "node " : ",", share.node);
    return nodes;
}

std::string code_and_signal(std::int64_t code, std::int64_t signal) {
    return fmt::format("{}:{}", code, signal);
}

}  // namespace

std::string yuan(Money amount) {
    std::string text = to_string(amount);
    while (text.ends_with('0') && text[text.size() - 3] != '.') text.pop_back();
    return text;
}

struct Phrases::Tell {
    Phrases& phrases;
    const control::EventMeta& meta;

    Lines operator()(const control::Founded&) const { return {}; }
    Lines operator()(const control::TokenIssued& event) const {
        return {"token " + event.name + " issued"};
    }
    Lines operator()(const control::TokenRevoked& event) const {
        return {"token " + event.name + " revoked"};
    }
    Lines operator()(const control::ChipDeclared&) const { return {}; }
    Lines operator()(const control::ShapeDeclared&) const { return {}; }

    Lines operator()(const control::CenterDeclared& event) const {
        return {event.center.name + " declared"};
    }
    Lines operator()(const control::LeaseGranted& event) const {
        return {fmt::format("{} leased to {}", phrases.name(event.center), event.agent)};
    }
    Lines operator()(const control::ContactLost& event) const {
        return {phrases.name(event.center) + " lost"};
    }
    Lines operator()(const control::ContactRestored& event) const {
        return {phrases.name(event.center) + " back"};
    }
    Lines operator()(const control::CenterFenced& event) const {
        return {phrases.name(event.center) + " fenced"};
    }

    Lines operator()(const control::OutageBegan& event) const {
        return {phrases.name(event.center) + " outage"};
    }
    Lines operator()(const control::OutageEnded& event) const {
        return {phrases.name(event.center) + " outage over"};
    }

    Lines operator()(const control::HookSet& event) const {
        return {fmt::format("hook {} set", event.hook.name)};
    }
    Lines operator()(const control::HookRemoved& event) const {
        return {fmt::format("hook {} removed", event.name)};
    }
    Lines operator()(const control::HookSuspended& event) const {
        return {fmt::format("hook {} suspended: {}", event.name, to_string(event.trouble))};
    }
    Lines operator()(const control::HookResumed& event) const {
        return {fmt::format("hook {} resumed", event.name)};
    }

    Lines operator()(const control::SecretSet& event) const {
        return {"secret " + event.name + " set"};
    }
    Lines operator()(const control::SecretRemoved& event) const {
        return {"secret " + event.name + " removed"};
    }
    Lines operator()(const control::SecretsGranted& event) const {
        Lines lines;
        for (const std::string& name : event.names) {
            lines.push_back(fmt::format("{} granted to {} at {}", name, phrases.name(event.attempt),
                                        phrases.name(event.center)));
        }
        return lines;
    }
    Lines operator()(const control::SecretMissing& event) const {
        return {fmt::format("{} misses secret {}", phrases.name(event.job), event.name)};
    }
    Lines operator()(const control::Restored& event) const {
        return {fmt::format("restored from entry {}", event.backup.value),
                fmt::format("jobs go on behind {}", event.jobs_through.value)};
    }

    Lines operator()(const control::JobAccepted& event) const {
        phrases.names_[event.job] = event.name;
        return {fmt::format("{} accepted as job {}", event.name, event.job.value)};
    }
    Lines operator()(const control::ArrayDeclared& event) const {
        return {fmt::format("array {} of {} tasks", event.array.value, event.tasks)};
    }
    Lines operator()(const control::ConditionsSet& event) const {
        std::string& name = phrases.names_[event.job];
        if (event.array.value != 0) name += fmt::format("[{}]", event.array_index);
        Lines lines;
        if (event.held) lines.push_back(name + " held");
        if (event.awaits_slot) lines.push_back(name + " awaits a slot");
        for (const auto& awaited : event.awaits) lines.push_back(name + " awaits " + of(awaited));
        return lines;
    }
    Lines operator()(const control::JobHeld& event) const {
        return {phrases.name(event.job) + " held"};
    }
    Lines operator()(const control::JobReleased& event) const {
        return {phrases.name(event.job) + " released" +
                (event.awaits_slot ? ", awaits a slot" : "")};
    }
    Lines operator()(const control::SlotGiven& event) const {
        return {phrases.name(event.job) + " has a slot"};
    }
    Lines operator()(const control::DependencyMet& event) const {
        return {phrases.name(event.job) + " met " + of(event.awaited)};
    }
    Lines operator()(const control::DependencyFailed& event) const {
        return {phrases.name(event.job) + " never meets " + of(event.awaited)};
    }
    Lines operator()(const control::CenterDrained& event) const {
        return {phrases.name(event.center) + " drained"};
    }
    Lines operator()(const control::CenterResumed& event) const {
        return {phrases.name(event.center) + " resumed"};
    }
    Lines operator()(const control::NodeExcluded& event) const {
        return {fmt::format("{} {}/{} excluded: {}", phrases.name(event.center), event.pool,
                            event.node, event.reason)};
    }
    Lines operator()(const control::NodeIncluded& event) const {
        return {
            fmt::format("{} {}/{} included", phrases.name(event.center), event.pool, event.node)};
    }
    Lines operator()(const control::QueueSet& event) const {
        return {fmt::format("queue {} set", event.queue.path)};
    }
    Lines operator()(const control::QueueRemoved& event) const {
        return {fmt::format("queue {} removed", event.path)};
    }
    Lines operator()(const control::DatasetSet& event) const {
        return {fmt::format("dataset {} set", event.dataset.name)};
    }
    Lines operator()(const control::DatasetRemoved& event) const {
        return {fmt::format("dataset {} removed", event.name)};
    }
    Lines operator()(const control::CapacityClaimed& event) const {
        Lines lines{fmt::format("{} claims {} {}", phrases.name(event.job),
                                phrases.name(event.center), nodes_text(event.nodes))};
        for (const AttemptKey& victim : event.victims) {
            lines.push_back(
                fmt::format("{} preempts {}", phrases.name(event.job), phrases.name(victim.job)));
        }
        return lines;
    }
    Lines operator()(const control::ClaimDropped& event) const {
        return {
            fmt::format("{} drops its claim: {}", phrases.name(event.job), to_string(event.why))};
    }
    Lines operator()(const control::PricesPublished& event) const {
        return {fmt::format("prices of {} pools published", event.index.rows.size())};
    }
    std::string of(const control::Awaited& awaited) const {
        return fmt::format("{}{} of {}", to_string(awaited.on),
                           awaited.whole_array ? " of all" : "", phrases.name(awaited.job));
    }
    Lines operator()(const control::CandidatesWeighed& event) const {
        phrases.table_ = event.table;
        return {};
    }

    Lines operator()(const control::JobPlaced& event) const {
        phrases.attempts_[event.attempt.job] = event.attempt.number;
        const CandidateTable& table = phrases.table_;
        const Candidate& chosen = table.candidates.at(static_cast<std::size_t>(event.candidate));
        Lines lines{fmt::format("{} placed {} because {}", phrases.name(event.attempt.job),
                                chosen.center_name, why(table, chosen))};
        lines.push_back(fmt::format("{} on {} for at most {}", phrases.name(event.attempt.job),
                                    nodes_text(event.nodes), yuan(event.price_at_most)));
        if (event.variant) {
            lines.push_back(
                fmt::format("{} as variant {}", phrases.name(event.attempt.job), *event.variant));
        }
        for (const Candidate& other : table.candidates) {
            if (&other == &chosen) continue;
            const std::string what =
                other.refusal
                    ? " refused " + other.refusal->code
                    : " " + signed_yuan({price_of(other).micro_yuan - price_of(chosen).micro_yuan});
            lines.push_back(other.center_name + what + variant_text(other));
        }
        return lines;
    }

    Lines operator()(const control::AttemptAdvanced& event) const {
        return {fmt::format("{} {}", phrases.name(event.attempt), to_string(event.state))};
    }
    Lines operator()(const control::UsageMetered& event) const {
        return {fmt::format("{} used {} of CPU", phrases.name(event.attempt),
                            to_string(Duration{event.window.usage.cpu_ms}))};
    }
    Lines operator()(const control::StopRequested& event) const {
        return {
            fmt::format("{} shall stop: {}", phrases.name(event.attempt), to_string(event.cause))};
    }
    Lines operator()(const control::AttemptEnded& event) const {
        return {fmt::format("{} ended: {} {}", phrases.name(event.attempt),
                            to_string(event.ending.cause),
                            code_and_signal(event.ending.code, event.ending.signal)),
                fmt::format("{} billed {}", phrases.name(event.attempt), yuan(event.cost))};
    }
    Lines operator()(const control::JobRequeued& event) const {
        return {fmt::format("{} requeued after {} in {}{}", phrases.name(event.job),
                            to_string(event.cause), to_string(event.not_before - meta.at),
                            event.counts_as_retry ? " as a retry" : "")};
    }
    Lines operator()(const control::JobEnded& event) const {
        phrases.ended_[event.job] = event.state;
        return {fmt::format("{} ended {} {}", phrases.name(event.job), to_string(event.state),
                            code_and_signal(event.code, event.signal)),
                fmt::format("{} cost {}", phrases.name(event.job), yuan(event.cost))};
    }
};

Lines Phrases::of(const control::RecordedEvent& recorded) {
    return std::visit(Tell{*this, recorded.meta}, recorded.event);
}

Lines Phrases::standing() const {
    Lines lines;
    const control::State& state = platform_.state();
    for (const auto& [id, job_name] : names_) {
        const control::JobRow* job = state.jobs.find(id);
        if (job == nullptr) {
            const auto end = ended_.find(id);  // none: it was lost in a restore
            const auto how = end == ended_.end() ? "LOST" : to_string(end->second);
            lines.push_back(job_name + " " + std::string(how));
            continue;
        }
        lines.push_back(job_name + " " + std::string(to_string(job->state)));
        const control::AttemptRow* attempt = state.attempts.find(id);
        if (attempt == nullptr) continue;
        const bool lost = state.centers.at(attempt->center).contact_lost;
        lines.push_back(
            fmt::format("{} at {} {}{}{}", name(AttemptKey{.job = id, .number = attempt->number}),
                        name(attempt->center), to_string(attempt->state),
                        attempt->stopping ? ", STOPPING" : "", lost ? ", CONTACT_LOST" : ""));
    }
    return lines;
}

Lines Phrases::of(const CandidateTable& table) const {
    Lines lines;
    for (const Candidate& one : table.candidates) {
        if (one.refusal) {
            lines.push_back(fmt::format("{} refused {}: {}{}", one.center_name, one.refusal->code,
                                        one.refusal->detail, variant_text(one)));
        } else {
            lines.push_back(fmt::format("{} {} in {}{}", one.center_name, yuan(price_of(one)),
                                        to_string(one.start - table.at), variant_text(one)));
        }
    }
    return lines;
}

Lines Phrases::of(const sched::Explanation& explanation) const {
    Lines lines{fmt::format("reason {}", to_string(explanation.reason))};
    for (const std::string& part : split(explanation.text, ';')) lines.push_back(part);
    lines.push_back(fmt::format("{} ahead", explanation.ahead));
    if (explanation.start) {
        lines.push_back(
            fmt::format("starts in {}", to_string(*explanation.start - platform_.now())));
    }
    for (const std::string& hint : explanation.hints) lines.push_back("hint: " + hint);
    return lines;
}

Result<JobId> Phrases::job(const std::string& name) const {
    for (auto at = names_.rbegin(); at != names_.rend(); ++at) {
        if (at->second == name) return at->first;
    }
    return not_found("name_unknown", "no job was accepted under the name \"" + name + "\"");
}

std::optional<JobState> Phrases::ended(JobId job) const {
    const auto at = ended_.find(job);
    return at == ended_.end() ? std::nullopt : std::optional(at->second);
}

Result<AttemptKey> Phrases::attempt(const std::string& text) const {
    const std::vector<std::string> parts = split(text, '/');
    if (parts.empty()) return invalid("word_missing", "which attempt?");
    const JobId id = TRY(job(parts[0]));
    if (parts.size() > 1) return AttemptKey{.job = id, .number = TRY(integer(parts[1]))};
    const auto last = attempts_.find(id);
    return AttemptKey{.job = id, .number = last == attempts_.end() ? 1 : last->second};
}

std::string Phrases::named(const std::string& text) const {
    std::string result;
    for (const std::string& word : split(text, ' ')) {
        const std::string bare = word.ends_with(':') ? word.substr(0, word.size() - 1) : word;
        const auto key = parse_token(platform_.state().header.cluster, {bare});
        result +=
            (result.empty() ? "" : " ") + (key ? name(*key) + word.substr(bare.size()) : word);
    }
    return result;
}

std::string Phrases::name(JobId job) const { return names_.at(job); }

std::string Phrases::name(AttemptKey key) const {
    return fmt::format("{} attempt {}", name(key.job), key.number);
}

std::string Phrases::name(CenterId center) const {
    return platform_.state().centers.at(center).center.name;
}

}  // namespace dayu::scenario
