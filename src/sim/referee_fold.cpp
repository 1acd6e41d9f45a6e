// The referee's reading of the journal: each entry, as soon as it is durable, must be allowed by those
// before it and agree with what really happened.
#include <algorithm>

#include <fmt/core.h>

#include "journal/entry.h"
#include "sim/referee.h"

namespace dayu::sim {

struct Referee::Fold {
    Referee& referee;

    Token token_of(AttemptKey key) const { return make_token(referee.cluster_, key); }

    // The live job of an event, or a complaint.
    Job* live(JobId id, std::string_view type) const {
        const auto found = referee.jobs_.find(id);
        if (found != referee.jobs_.end() && !found->second.ended) return &found->second;
        referee.complain(fmt::format("{} of job {}, which is not live", type, id.value));
        return nullptr;
    }
    Attempt* live(AttemptKey key, std::string_view type) const {
        const auto found = referee.attempts_.find(token_of(key));
        if (found != referee.attempts_.end() && !found->second.ended) return &found->second;
        referee.complain(fmt::format("{} of {}, which is not live", type, token_of(key).text));
        return nullptr;
    }

    template <class Other>
    void operator()(const Other&) const {}

    void operator()(const control::Founded& event) const { referee.cluster_ = event.cluster; }

    void operator()(const control::CenterDeclared& event) const {
        referee.center_names_[event.id] = event.center.name;
    }

    void operator()(const control::CenterFenced& event) const {
        if (!referee.asked_to_fence_.contains(referee.center_names_[event.center]))
            referee.complain("a centre was fenced, and nobody had asked for it");
    }

    void operator()(const control::JobAccepted& event) const {
        const auto expected = referee.expected_.find(event.name);
        if (expected == referee.expected_.end())
            return referee.complain("nobody submitted " + event.name);
        if (expected->second.accepted && !expected->second.has_task(event.job)) {
            referee.complain(fmt::format("{} was accepted as job {} and again as job {}",
                                         event.name, expected->second.accepted.value,
                                         event.job.value));
        }
        if (!expected->second.accepted) expected->second.accepted = event.job;
        if (!referee.jobs_.emplace(event.job, Job{.name = event.name}).second)
            referee.complain(fmt::format("job {} was accepted twice", event.job.value));
        ++referee.live_jobs_;
    }

    void operator()(const control::ConditionsSet& event) const {
        if (Job* job = live(event.job, event.type)) job->is_held = event.held;
    }
    void operator()(const control::JobHeld& event) const {
        Job* job = live(event.job, event.type);
        if (job == nullptr) return;
        job->is_held = true;
        if (job->has_live_attempt)
            referee.complain(fmt::format("job {} was held while it runs", event.job.value));
        if (!referee.was_asked(event.job, control::JobAction::hold))
            referee.complain(
                fmt::format("job {} was held, and nobody had asked for it", event.job.value));
    }
    void operator()(const control::JobReleased& event) const {
        Job* job = live(event.job, event.type);
        if (job == nullptr) return;
        job->is_held = false;
        if (!referee.was_asked(event.job, control::JobAction::release))
            referee.complain(
                fmt::format("job {} was released, and nobody had asked for it", event.job.value));
    }

    void operator()(const control::NodeExcluded& event) const {
        referee.check_exclusion(event);
        referee.excluded_.emplace(referee.center_names_[event.center], event.pool, event.node);
    }
    void operator()(const control::NodeIncluded& event) const {
        referee.excluded_.erase({referee.center_names_[event.center], event.pool, event.node});
    }

    void operator()(const control::JobPlaced& event) const {
        Job* job = live(event.attempt.job, event.type);
        if (job == nullptr) return;
        if (job->has_live_attempt || event.attempt.number != job->attempts + 1)
            referee.complain(token_of(event.attempt).text + " was placed beside another attempt");
        if (job->is_stopping)
            referee.complain(token_of(event.attempt).text + " was placed after it was cancelled");
        if (job->is_held)
            referee.complain(token_of(event.attempt).text + " was placed while it is held");
        for (const NodeShare& share : event.nodes) {
            if (referee.excluded_.contains(
                    {referee.center_names_[event.center], event.pool, share.node}))
                referee.complain(token_of(event.attempt).text + " was placed on an excluded node");
        }
        Expected& expected = referee.expected_.at(job->name);
        const std::int64_t at_most = expected.file.conditions.array.at_most;
        if (++expected.live_attempts > at_most && at_most != 0)
            referee.complain(job->name + " runs more of its tasks than it may");
        job->has_live_attempt = true;
        job->attempts = event.attempt.number;
        Attempt attempt;
        attempt.key = event.attempt;
        attempt.center = referee.center_names_[event.center];
        if (!referee.attempts_.emplace(token_of(event.attempt), std::move(attempt)).second)
            referee.complain(token_of(event.attempt).text + " was placed twice");
    }

    void operator()(const control::AttemptAdvanced& event) const {
        live(event.attempt, event.type);
    }

    void operator()(const control::UsageMetered& event) const {
        Attempt* attempt = live(event.attempt, event.type);
        if (attempt == nullptr) return;
        if (event.window.from < attempt->metered_to)
            referee.complain(token_of(event.attempt).text + " was metered twice for one time");
        attempt->metered_to = event.window.to;
        attempt->metered_cpu_ms += event.window.usage.cpu_ms;
    }

    void operator()(const control::CapacityClaimed& event) const {
        live(event.job, event.type);
        for (const AttemptKey& victim : event.victims) {
            const Job* job = live(victim.job, event.type);
            if (job == nullptr) continue;
            if (!referee.expected_.at(job->name).file.spec.preemptible)
                referee.complain(job->name + " was preempted, and is not preemptible");
            referee.preempted_.insert(victim.job);
        }
    }

    void operator()(const control::StopRequested& event) const {
        live(event.attempt, event.type);
        if (Job* job = live(event.attempt.job, event.type))
            job->is_stopping = job->is_stopping || (event.cause != EndCause::requeued &&
                                                    event.cause != EndCause::preempted);
        if (!referee.may_be_stopped(event.attempt.job, event.cause))
            referee.complain("a stop of " + token_of(event.attempt).text +
                             " that nobody asked for");
    }

    void operator()(const control::AttemptEnded& event) const {
        Attempt* attempt = live(event.attempt, event.type);
        Job* job = live(event.attempt.job, event.type);
        if (attempt == nullptr || job == nullptr) return;
        job->has_live_attempt = false;
        --referee.expected_.at(job->name).live_attempts;
        job->last_cause = event.ending.cause;
        job->last_code = event.ending.code;
        attempt->ended = true;
        referee.count("ended " + std::string(to_string(event.ending.cause)));
        referee.check_end(token_of(event.attempt), *attempt, event);
    }

    void operator()(const control::JobRequeued& event) const {
        const Job* job = live(event.job, event.type);
        if (job != nullptr && job->has_live_attempt)
            referee.complain(fmt::format("job {} was requeued while it runs", event.job.value));
        if (job != nullptr && event.counts_as_retry && job->last_cause != EndCause::exited)
            referee.complain(
                fmt::format("job {} lost a retry to the platform or its user", event.job.value));
    }

    void operator()(const control::JobEnded& event) const {
        Job* job = live(event.job, event.type);
        if (job == nullptr) return;
        job->ended = true;
        referee.count("job " + std::string(to_string(event.state)));
        --referee.live_jobs_;
        const bool exited = job->last_cause == EndCause::exited;
        const bool allowed = event.state == JobState::cancelled
                                 ? referee.was_asked(event.job, control::JobAction::cancel)
                             : event.state == JobState::deadline  ? referee.has_deadline(event.job)
                             : event.state == JobState::completed ? exited && job->last_code == 0
                             : event.state == JobState::timeout
                                 ? job->last_cause == EndCause::time_limit
                                 : event.state == JobState::failed;
        if (!allowed || job->has_live_attempt) {
            referee.complain(fmt::format("job {} ended as {}, which is not how it went",
                                         event.job.value, to_string(event.state)));
        }
    }
};

void Referee::durable(const journal::Transaction& transaction) {
    for (const journal::EntryRow& row : transaction.entries) {
        note("journal", row.bytes);
        const auto parsed = journal::parse_entry(row.bytes);
        if (!parsed) return complain("an entry cannot be read: " + parsed.error().message);
        last_seq_ = row.seq;
        count(std::string(journal::type_of(parsed->recorded.event)));
        std::visit(Fold{*this}, parsed->recorded.event);
    }
}

// A node is excluded by itself for what several attempts met with there, and never too many of a pool.
void Referee::check_exclusion(const control::NodeExcluded& event) {
    const std::string& center = center_names_[event.center];
    if (event.attempts.empty()) {
        if (!asked_to_exclude_.contains(center))
            complain("a node was excluded, and nobody had asked for it");
        return;
    }
    std::set<JobId> jobs;
    for (const AttemptKey& key : event.attempts) {
        jobs.insert(key.job);
        const auto attempt = attempts_.find(make_token(cluster_, key));
        if (attempt == attempts_.end() || !attempt->second.ended)
            complain("a node was excluded for an attempt that has not ended");
    }
    const Pool* pool = find_pool(center, event.pool);
    const auto others = std::ranges::count_if(excluded_, [&](const NodeKey& node) {
        return std::get<0>(node) == center && std::get<1>(node) == event.pool;
    });
    if (jobs.size() < 2 || pool == nullptr || (others + 1) * 2 > pool->nodes)
        complain("a node of " + center + " was excluded that should not be");
}

// Does the record of an end agree with the truth?
void Referee::check_end(const Token& token, const Attempt& attempt,
                        const control::AttemptEnded& event) {
    const Ending& ending = event.ending;
    if (attempt.runs) return complain(token.text + " has ended on record, and still runs");
    if (attempt.metered_cpu_ms != ending.total.cpu_ms) {
        complain(fmt::format("{} used {} ms, and was metered for {} ms", token.text,
                             ending.total.cpu_ms, attempt.metered_cpu_ms));
    }
    const bool begun = attempt.has_begun;
    const auto met = [&](Fate fate) { return attempt.fate == fate; };
    bool agrees = false;
    switch (ending.cause) {
        case EndCause::exited:
            agrees = met(Fate::exited) && attempt.ending.code == ending.code;
            break;
        case EndCause::time_limit: agrees = met(Fate::time_limit); break;
        case EndCause::cancelled: agrees = met(Fate::stopped); break;
        case EndCause::oom: break;  // nothing does that here, nor what follows
        case EndCause::requeued:
        case EndCause::preempted:
        case EndCause::deadline: agrees = met(Fate::stopped); break;
        case EndCause::start_failed: agrees = !begun; break;
        case EndCause::node_failed:
            agrees = !begun || met(Fate::shim_killed) || met(Fate::machine_lost);
            break;
        case EndCause::fenced: agrees = asked_to_fence_.contains(attempt.center); break;
        case EndCause::moved:
            agrees = !begun || attempt.order.spec.placement.move_after.has_value();
            break;
    }
    if (!agrees) {
        complain(fmt::format("{} ended on record as {}, which is not how it went", token.text,
                             to_string(ending.cause)));
    }
}

}  // namespace dayu::sim
