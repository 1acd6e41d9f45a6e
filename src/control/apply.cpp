// What each event changes. One overload an event: the compiler names the one that is missing.
#include <algorithm>
#include <charconv>
#include <limits>

#include "control/charge.h"
#include "control/handle.h"
#include "control/nodes.h"

namespace dayu::control {
namespace {

// Answers are remembered for a day, and never more of them than this.
constexpr Duration answers_kept = seconds(24 * 3600);
constexpr std::uint64_t max_answers = 2'000'000;

Digest digest_from_hex(std::string_view hex) {
    const auto half = [&](std::size_t at) {
        std::uint64_t value = 0;
        const std::string_view part = hex.substr(std::min(at, hex.size()), 16);
        std::from_chars(part.data(), part.data() + part.size(), value, 16);
        return value;
    };
    return {.high = half(0), .low = half(16)};
}

void forget_old_answers(State& state, Time now) {
    Header& header = state.header;
    while (header.first_answer <= header.last_answer) {
        const Digest key = state.answer_order.at(header.first_answer);
        const bool too_many = state.answers.size() > max_answers;
        if (!too_many && now - state.answers.at(key).at < answers_kept) return;
        state.answers.erase(key);
        state.answer_order.erase(header.first_answer);
        ++header.first_answer;
    }
}

void remember_answer(State& state, const JobAccepted& event, Time now) {
    const Digest key = digest_from_hex(event.idempotency_key);
    state.answers.insert(key,
                         {.job = event.job, .request = digest_from_hex(event.request), .at = now});
    state.answer_order.insert(++state.header.last_answer, key);
}

// Tasks that may run: neither waiting for a slot nor held.
void count_task(State& state, const JobRow& job, std::int64_t by) {
    if (job.array.value != 0) state.arrays.change(job.array).not_waiting += by;
}

void drop_deadline(State& state, JobId id, const JobRow& job) {
    const JobDeadline key{.at = job.deadline, .job = id};
    if (state.deadlines.contains(key)) state.deadlines.erase(key);
}

void stop_awaiting(State& state, JobId id) {
    const AwaitsRow* row = state.awaits.find(id);
    if (row == nullptr) return;
    for (const Awaited& awaited : row->unmet) {
        const Dependent key{.awaited = awaited.job, .job = id};
        if (state.dependents.contains(key)) state.dependents.erase(key);
    }
    state.awaits.erase(id);
}

void set_awaits_slot(State& state, JobId id, JobRow& job, bool awaits) {
    if (job.awaits_slot == awaits) return;
    job.awaits_slot = awaits;
    const TaskOfArray key{.array = job.array, .job = id};
    if (awaits) {
        state.slot_queue.insert(key, {});
    } else {
        state.slot_queue.erase(key);
    }
}

// A task leaves its array, which goes with its last one.
void end_task(State& state, const JobRow& job, JobState ended) {
    if (job.array.value == 0) return;
    ArrayRow& array = state.arrays.change(job.array);
    array.all_completed &= ended == JobState::completed;
    if (job.state != JobState::held && !job.awaits_slot) --array.not_waiting;
    if (--array.live == 0) state.arrays.erase(job.array);
}

NodeRow& node_row(State& state, const NodeKey& key) {
    return state.nodes.contains(key) ? state.nodes.change(key) : state.nodes.insert(key, {});
}

void note_failure(State& state, const NodeKey& key, const NodeFailure& failure) {
    NodeRow& row = node_row(state, key);
    ++row.failed;
    row.failures.push_back(failure);
    if (std::ssize(row.failures) > max_node_failures) row.failures.erase(row.failures.begin());
}

void note_success(State& state, const NodeKey& key) {
    const NodeRow* row = state.nodes.find(key);
    if (row == nullptr) return;
    if (!row->excluded) return state.nodes.erase(key);
    NodeRow& changed = state.nodes.change(key);
    changed.failures.clear();
    changed.failed = 0;
}

// What the end of an attempt tells of the nodes that it was on.
void note_on_nodes(State& state, const AttemptKey& attempt, EndCause cause, Time at) {
    const AttemptRow& row = state.attempts.at(attempt.job);
    for (const NodeShare& share : row.nodes) {
        const NodeKey key{.center = row.center, .pool = row.pool, .node = share.node};
        if (blames_node(cause)) {
            const JobId array = state.jobs.at(attempt.job).array;
            note_failure(state, key,
                         {.attempt = attempt, .array = array, .cause = cause, .at = at});
        } else if (clears_node(cause)) {
            note_success(state, key);
        }
    }
}

void drop_claim(State& state, JobId job) {
    if (state.claims.contains(job)) state.claims.erase(job);
}

// A run of `ran` counts as used by its queue at the price of its placement, whoever is billed for it.
void charge(State& state, JobId id, Duration ran, Time now) {
    const AttemptRow& attempt = state.attempts.at(id);
    const JobRow& job = state.jobs.at(id);
    const Duration limit = time_limit_of(state.shapes.at(job.shape), attempt.variant);
    // What would not change a sum makes no row.
    if (used_with({}, {}, attempt.price_at_most, ran, limit) == Money{}) return;
    const std::string path = queue_path(job.scope);
    UsageRow& row = state.usage.contains(path) ? state.usage.change(path)
                                               : state.usage.insert(path, {.used = {}, .at = now});
    row.used = used_with(row.used, now - row.at, attempt.price_at_most, ran, limit);
    row.at = std::max(row.at, now);
}

// An attempt of a planned job took so much longer than forecast.
void learn(State& state, JobId id, std::int64_t ratio_ppm, Seq seq) {
    constexpr std::int64_t ppm = 1'000'000;
    const AttemptRow& attempt = state.attempts.at(id);
    const JobSpec spec = spec_of(state.shapes.at(state.jobs.at(id).shape), attempt.variant);
    if (!spec.forecast) return;
    const StepRatiosKey key{spec.forecast->work, spec.resources.chip, spec.forecast->framework};
    StepRatiosRow& row = state.step_ratios.contains(key) ? state.step_ratios.change(key)
                                                         : state.step_ratios.insert(key, {});
    ++row.attempts;
    row.sum_ppm += ratio_ppm;
    row.squares_ppm += ratio_ppm * ratio_ppm / ppm;
    row.version = seq;
}

void end_attempt(State& state, JobId job) {
    state.attempts_at.erase({.center = state.attempts.at(job).center, .job = job});
    state.attempts.erase(job);
}

struct Apply {
    State& state;
    const EventMeta& meta;

    void operator()(const Founded& event) const { state.header.cluster = event.cluster; }

    void operator()(const TokenIssued& event) const {
        state.tokens.insert(event.sha256, {.name = event.name,
                                           .role = event.role,
                                           .created = meta.at,
                                           .by = meta.actor,
                                           .expires = event.expires,
                                           .centers = event.centers});
        state.header.roles_issued |= bit_of(event.role);
    }
    void operator()(const TokenRevoked& event) const { state.tokens.erase(event.sha256); }

    void operator()(const ChipDeclared& event) const {
        if (state.chips.contains(event.chip.name)) {
            state.chips.change(event.chip.name) = event.chip;
        } else {
            state.chips.insert(event.chip.name, event.chip);
        }
    }

    void operator()(const CenterDeclared& event) const {
        if (state.centers.contains(event.id)) {
            state.centers.change(event.id).center = event.center;
            return;
        }
        state.centers.insert(event.id, {.center = event.center,
                                        .agent = {},
                                        .installation = {},
                                        .contact_lost = true,
                                        .contact_changed = meta.at});
        state.header.last_center = event.id;
    }

    void operator()(const LeaseGranted& event) const {
        CenterRow& row = state.centers.change(event.center);
        row.agent = event.agent;
        row.installation = event.installation;
        row.contact_lost = false;
        row.contact_changed = meta.at;
    }

    void operator()(const ContactLost& event) const { set_contact(event.center, true); }
    void operator()(const ContactRestored& event) const { set_contact(event.center, false); }

    void operator()(const CenterFenced& event) const {
        CenterRow& row = state.centers.change(event.center);
        row.agent.clear();
        row.installation.clear();
        row.contact_lost = true;
        row.contact_changed = meta.at;
    }

    void operator()(const CenterDrained& event) const {
        CenterRow& row = state.centers.change(event.center);
        row.drained = true;
        row.drain_reason = event.reason;
    }

    void operator()(const CenterResumed& event) const {
        CenterRow& row = state.centers.change(event.center);
        row.drained = false;
        row.drain_reason.clear();
    }

    void operator()(const NodeExcluded& event) const {
        NodeRow& row =
            node_row(state, {.center = event.center, .pool = event.pool, .node = event.node});
        row.excluded = true;
        row.since = meta.at;
        row.reason = event.reason;
    }

    void operator()(const NodeIncluded& event) const {
        state.nodes.erase({.center = event.center, .pool = event.pool, .node = event.node});
    }

    void operator()(const ShapeDeclared& event) const {
        state.shapes.insert(event.shape, event.spec);
        state.shape_index.insert(spec_key(event.spec), event.shape);
        state.header.last_shape = event.shape;
    }

    void operator()(const JobAccepted& event) const {
        JobRow row;
        row.scope = meta.scope;
        row.name = event.name;
        row.owner = meta.actor;
        row.shape = event.shape;
        row.body = event.body;
        row.submitted = meta.at;
        row.priority = event.priority;
        row.handicap = event.handicap.value_or(Duration{});
        state.jobs.insert(event.job, std::move(row));
        state.header.last_job = event.job;
        if (event.workdir) state.workdirs.insert(event.job, {.manifest = *event.workdir});
        forget_old_answers(state, meta.at);
        if (!event.idempotency_key.empty()) remember_answer(state, event, meta.at);
    }

    void operator()(const ArrayDeclared& event) const {
        state.arrays.insert(event.array, {.tasks = event.tasks, .at_most = event.at_most});
    }

    void operator()(const ConditionsSet& event) const {
        JobRow& job = state.jobs.change(event.job);
        if (event.held) job.state = JobState::held;
        job.not_before = event.not_before;
        job.deadline = event.deadline;
        job.array = event.array;
        job.array_index = event.array_index;
        set_awaits_slot(state, event.job, job, event.awaits_slot);
        if (event.deadline.ms != 0)
            state.deadlines.insert({.at = event.deadline, .job = event.job}, {});
        if (event.array.value != 0) ++state.arrays.change(event.array).live;
        if (!event.held && !event.awaits_slot) count_task(state, job, 1);
        if (event.awaits.empty()) return;
        state.awaits.insert(event.job, {.unmet = event.awaits});
        for (const Awaited& awaited : event.awaits) {
            const Dependent key{.awaited = awaited.job, .job = event.job};
            if (!state.dependents.contains(key)) state.dependents.insert(key, {});
        }
    }

    void operator()(const JobHeld& event) const {
        drop_claim(state, event.job);
        JobRow& job = state.jobs.change(event.job);
        job.state = JobState::held;
        if (job.awaits_slot) {
            set_awaits_slot(state, event.job, job, false);
        } else {
            count_task(state, job, -1);
        }
    }

    void operator()(const JobReleased& event) const {
        JobRow& job = state.jobs.change(event.job);
        job.state = JobState::pending;
        set_awaits_slot(state, event.job, job, event.awaits_slot);
        if (!event.awaits_slot) count_task(state, job, 1);
    }

    void operator()(const SlotGiven& event) const {
        JobRow& job = state.jobs.change(event.job);
        set_awaits_slot(state, event.job, job, false);
        count_task(state, job, 1);
    }

    void operator()(const DependencyMet& event) const { drop_awaited(event.job, event.awaited); }
    void operator()(const DependencyFailed& event) const { drop_awaited(event.job, event.awaited); }

    void operator()(const CandidatesWeighed&) const {}  // a reason, not a fact to build on

    void operator()(const JobPlaced& event) const {
        drop_claim(state, event.attempt.job);
        JobRow& job = state.jobs.change(event.attempt.job);
        job.state = JobState::active;
        ++job.attempts;
        AttemptRow row;
        row.number = event.attempt.number;
        row.center = event.center;
        row.pool = event.pool;
        row.variant = event.variant;
        row.nodes = event.nodes;
        row.table = event.table;
        row.candidate = event.candidate;
        row.price_at_most = event.price_at_most;
        row.energy_mwh_at_most = event.energy_mwh_at_most;
        row.carbon_mg_at_most = event.carbon_mg_at_most;
        row.placed = meta.at;
        state.attempts.insert(event.attempt.job, std::move(row));
        state.attempts_at.insert({.center = event.center, .job = event.attempt.job}, {});
    }

    void operator()(const AttemptAdvanced& event) const {
        AttemptRow& row = state.attempts.change(event.attempt.job);
        row.state = event.state;
        if (event.state == AttemptState::running && row.started.ms == 0)
            row.started = event.observed;
    }

    void operator()(const UsageMetered& event) const {
        charge(state, event.attempt.job, event.window.to - event.window.from, meta.at);
        AttemptRow& row = state.attempts.change(event.attempt.job);
        row.metered_to = event.window.to;
        row.metered.cpu_ms += event.window.usage.cpu_ms;
        row.metered.peak_memory_mib =
            std::max(row.metered.peak_memory_mib, event.window.usage.peak_memory_mib);
    }

    void operator()(const StopRequested& event) const {
        const JobId id = event.attempt.job;
        if (event.cause == EndCause::cancelled || event.cause == EndCause::deadline)
            drop_deadline(state, id, state.jobs.at(id));
        state.attempts.change(id).stopping = event.cause;
        if (event.cause == EndCause::cancelled) state.jobs.change(id).cancel_requested = true;
    }

    void operator()(const AttemptEnded& event) const {
        const JobId id = event.attempt.job;
        const bool ran = event.ending.started.ms != 0;
        const CenterId center = state.attempts.at(id).center;
        note_on_nodes(state, event.attempt, event.ending.cause, meta.at);
        if (ran) {
            const Time from = std::max(event.ending.started, state.attempts.at(id).metered_to);
            charge(state, id, event.ending.ended - from, meta.at);
        }
        if (event.step_ratio_ppm) learn(state, id, *event.step_ratio_ppm, meta.seq);
        JobRow& job = state.jobs.change(id);
        job.spent.micro_yuan += event.cost.micro_yuan;
        if (ran && !state.shapes.at(job.shape).checkpoint.path.empty()) {
            job.checkpoint_attempt = event.attempt.number;
            job.last_center = center;
        }
        end_attempt(state, id);
    }

    void operator()(const JobRequeued& event) const {
        JobRow& job = state.jobs.change(event.job);
        job.state = JobState::pending;
        job.not_before = event.not_before;
        if (event.counts_as_retry) ++job.retries;
        if (event.cause == EndCause::requeued || event.cause == EndCause::preempted) ++job.requeues;
    }

    void operator()(const JobEnded& event) const {
        const JobRow& job = state.jobs.at(event.job);
        drop_deadline(state, event.job, job);
        stop_awaiting(state, event.job);
        if (state.workdirs.contains(event.job)) state.workdirs.erase(event.job);
        drop_claim(state, event.job);
        end_task(state, job, event.state);
        if (job.awaits_slot) state.slot_queue.erase({.array = job.array, .job = event.job});
        state.jobs.erase(event.job);
    }

    void drop_awaited(JobId job, const Awaited& awaited) const {
        std::vector<Awaited>& unmet = state.awaits.change(job).unmet;
        std::erase(unmet, awaited);
        if (std::ranges::find(unmet, awaited.job, &Awaited::job) == unmet.end())
            state.dependents.erase({.awaited = awaited.job, .job = job});
        if (unmet.empty()) state.awaits.erase(job);
    }

    void operator()(const SecretSet& event) const {
        const ScopedName key{.scope = meta.scope, .name = event.name};
        SecretRow row{.sealed = event.sealed, .set = meta.at, .by = meta.actor};
        if (state.secrets.contains(key)) {
            state.secrets.change(key) = std::move(row);
        } else {
            state.secrets.insert(key, std::move(row));
        }
    }
    void operator()(const SecretRemoved& event) const {
        state.secrets.erase({.scope = meta.scope, .name = event.name});
    }
    void operator()(const SecretsGranted&) const {}  // told by the placement and the job's spec

    void operator()(const OutageBegan& event) const {
        state.centers.change(event.center).outage_since = event.since;
    }
    void operator()(const OutageEnded& event) const {
        state.centers.change(event.center).outage_since = {};
    }

    void operator()(const HookSet& event) const {
        const ScopedName key{.scope = meta.scope, .name = event.hook.name};
        HookRow row{.hook = event.hook,
                    .sealed = event.sealed,
                    .set = meta.at,
                    .by = meta.actor,
                    .since = meta.seq,
                    .suspended = {},
                    .changed = meta.at};
        if (state.hooks.contains(key)) {
            state.hooks.change(key) = std::move(row);
        } else {
            state.hooks.insert(key, std::move(row));
        }
    }
    void operator()(const HookRemoved& event) const {
        state.hooks.erase({.scope = meta.scope, .name = event.name});
    }
    void operator()(const HookSuspended& event) const {
        HookRow& row = state.hooks.change({.scope = meta.scope, .name = event.name});
        row.suspended = event.trouble;
        row.changed = meta.at;
    }
    void operator()(const HookResumed& event) const {
        HookRow& row = state.hooks.change({.scope = meta.scope, .name = event.name});
        row.suspended.reset();
        row.since = meta.seq;
        row.changed = meta.at;
    }

    void operator()(const SecretMissing&) const {}  // the end of the job follows

    void operator()(const QueueSet& event) const {
        if (state.queues.contains(event.queue.path)) {
            state.queues.change(event.queue.path) = event.queue;
        } else {
            state.queues.insert(event.queue.path, event.queue);
        }
    }
    void operator()(const QueueRemoved& event) const { state.queues.erase(event.path); }

    void operator()(const DatasetSet& event) const {
        if (state.datasets.contains(event.dataset.name)) {
            state.datasets.change(event.dataset.name) = event.dataset;
        } else {
            state.datasets.insert(event.dataset.name, event.dataset);
        }
    }
    void operator()(const DatasetRemoved& event) const { state.datasets.erase(event.name); }

    void operator()(const CapacityClaimed& event) const {
        state.claims.insert(event.job, {.center = event.center,
                                        .pool = event.pool,
                                        .variant = event.variant,
                                        .nodes = event.nodes,
                                        .since = meta.at,
                                        .until = event.until});
    }
    void operator()(const ClaimDropped& event) const { state.claims.erase(event.job); }

    void operator()(const PricesPublished& event) const {
        if (const auto& rows = state.prices.rows(); !rows.empty())
            state.prices.erase(Seq(rows.begin()->first));
        state.prices.insert(meta.seq, event.index);
    }

    // Nothing is placed at a centre before its agent was heard again: it may still hold what was lost.
    void operator()(const Restored& event) const {
        std::vector<LostNumbers>& lost = state.header.lost;
        const std::int64_t skipped_before = lost.empty() ? 0 : lost.back().attempts;
        lost.push_back({.after = state.header.last_job,
                        .through = event.jobs_through,
                        .attempts = skipped_before + event.attempts_skipped});
        state.header.last_job = event.jobs_through;
        std::vector<CenterId> centers;
        for (const auto& [id, row] : state.centers.rows()) centers.push_back(id);
        for (const CenterId center : centers) set_contact(center, true);
    }

    void set_contact(CenterId center, bool lost) const {
        CenterRow& row = state.centers.change(center);
        row.contact_lost = lost;
        row.contact_changed = meta.at;
    }
};

}  // namespace

void apply(State& state, const RecordedEvent& recorded) {
    CHECK(recorded.meta.seq.value == state.header.last_seq.value + 1);
    std::visit(Apply{state, recorded.meta}, recorded.event);
    state.header.last_seq = recorded.meta.seq;
    state.header.last_at = recorded.meta.at;
}

std::optional<JobId> stored_answer(const State& state, std::string_view idempotency_key) {
    const AnswerRow* row = state.answers.find(digest_from_hex(idempotency_key));
    return row == nullptr ? std::nullopt : std::optional(row->job);
}

bool is_same_request(const State& state, const SubmitJob& command) {
    const AnswerRow* row = state.answers.find(digest_from_hex(command.idempotency_key));
    return row != nullptr && row->request == digest_from_hex(command.request);
}

}  // namespace dayu::control
