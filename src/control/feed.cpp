#include "control/feed.h"

namespace dayu::control {
namespace {

// What an operator wants comes before what the line does.
std::optional<Refusal> why_closed(const CenterRow& row) {
    Refusal refusal{.code = {}, .tier = Reason::waiting_for_capacity, .detail = {}};
    if (row.drained) {
        refusal.code = "CenterDrained";
        refusal.detail = "takes no new jobs: " + row.drain_reason;
        return refusal;
    }
    if (!row.contact_lost && !row.installation.empty()) return std::nullopt;
    refusal.code = "CenterUnreachable";
    refusal.detail = row.center.name + " is out of contact";
    return refusal;
}

void put_center(sched::World& world, const State& state, CenterId id) {
    const CenterRow& row = state.centers.at(id);
    world.put_center(id, row.center, why_closed(row));
}

sched::RunningJob running(const State& state, JobId id, const AttemptRow& attempt) {
    const JobRow& job = state.jobs.at(id);
    const JobSpec& spec = state.shapes.at(job.shape);
    return {.job = id,
            .center = attempt.center,
            .pool = attempt.pool,
            .nodes = attempt.nodes,
            .until = attempt.placed + time_limit_of(spec, attempt.variant),
            .queue = queue_path(job.scope),
            .priority = job.priority,
            .preemptible = spec.preemptible,
            .stopping = attempt.stopping.has_value(),
            .placed = attempt.placed,
            .grace = spec.checkpoint.grace};
}

// Nodes are kept until the claim lapses, and taken for the whole time limit from then at the latest.
sched::ClaimedNodes claimed(const State& state, JobId id, const ClaimRow& claim) {
    const JobRow& job = state.jobs.at(id);
    const JobSpec& spec = state.shapes.at(job.shape);
    return {.place = {.job = id,
                      .center = claim.center,
                      .pool = claim.pool,
                      .nodes = claim.nodes,
                      .until = claim.until + time_limit_of(spec, claim.variant),
                      .queue = queue_path(job.scope),
                      .priority = job.priority},
            .variant = claim.variant,
            .until = claim.until};
}

sched::QueuedJob queued(JobId id, const JobRow& job) {
    return {.job = id,
            .shape = job.shape,
            .queue = queue_path(job.scope),
            .priority = job.priority,
            .submitted = job.submitted + job.handicap,
            .not_before = job.not_before,
            .spent = job.spent};
}

// In the queue or out of it, as the State says.
void put_job(sched::World& world, const State& state, JobId id) {
    const JobRow* job = state.jobs.find(id);
    if (job != nullptr && is_queued(state, id, *job)) {
        world.enqueue(queued(id, *job));
    } else {
        world.dequeue(id);
    }
}

void put_claim(sched::World& world, const State& state, JobId id) {
    if (const ClaimRow* claim = state.claims.find(id)) {
        world.claim(claimed(state, id, *claim));
    } else {
        world.unclaim(id);
    }
}

void put_usage(sched::World& world, const State& state, const std::string& path) {
    if (const UsageRow* row = state.usage.find(path)) world.put_usage(path, row->used, row->at);
}

struct Feed {
    sched::World& world;
    const State& after;
    const EventMeta& meta;

    void operator()(const Founded&) const {}
    void operator()(const TokenIssued&) const {}
    void operator()(const TokenRevoked&) const {}
    void operator()(const CandidatesWeighed&) const {}
    void operator()(const AttemptAdvanced&) const {}
    void operator()(const SecretSet&) const {}
    void operator()(const SecretRemoved&) const {}
    void operator()(const SecretsGranted&) const {}
    void operator()(const OutageBegan&) const {}
    void operator()(const OutageEnded&) const {}
    void operator()(const HookSet&) const {}
    void operator()(const HookRemoved&) const {}
    void operator()(const HookSuspended&) const {}
    void operator()(const HookResumed&) const {}
    void operator()(const SecretMissing&) const {}
    void operator()(const PricesPublished&) const {}

    void operator()(const ChipDeclared& event) const { world.put_chip(event.chip); }
    void operator()(const CenterDeclared& event) const { put_center(world, after, event.id); }
    void operator()(const LeaseGranted& event) const { put_center(world, after, event.center); }
    void operator()(const ContactLost& event) const { put_center(world, after, event.center); }
    void operator()(const ContactRestored& event) const { put_center(world, after, event.center); }
    void operator()(const CenterFenced& event) const { put_center(world, after, event.center); }
    void operator()(const CenterDrained& event) const { put_center(world, after, event.center); }
    void operator()(const CenterResumed& event) const { put_center(world, after, event.center); }
    void operator()(const Restored&) const {
        for (const auto& [id, row] : after.centers.rows()) put_center(world, after, id);
    }
    void operator()(const NodeExcluded& event) const {
        world.exclude(event.center, event.pool, event.node);
    }
    void operator()(const NodeIncluded& event) const {
        world.include(event.center, event.pool, event.node);
    }
    void operator()(const DatasetSet& event) const { world.put_dataset(event.dataset); }
    void operator()(const DatasetRemoved& event) const { world.remove_dataset(event.name); }

    void operator()(const QueueSet& event) const { world.put_queue(event.queue); }
    void operator()(const QueueRemoved& event) const { world.remove_queue(event.path); }
    void operator()(const UsageMetered&) const { put_usage(world, after, queue_path(meta.scope)); }
    void operator()(const CapacityClaimed& event) const { put_claim(world, after, event.job); }
    void operator()(const ClaimDropped& event) const { put_claim(world, after, event.job); }

    void operator()(const ShapeDeclared& event) const { world.put_shape(event.shape, event.spec); }

    void operator()(const ArrayDeclared&) const {}
    void operator()(const DependencyFailed&) const {}
    void operator()(const JobAccepted& event) const { put_job(world, after, event.job); }
    void operator()(const ConditionsSet& event) const { put_job(world, after, event.job); }
    void operator()(const JobHeld& event) const {
        put_job(world, after, event.job);
        put_claim(world, after, event.job);
    }
    void operator()(const JobReleased& event) const { put_job(world, after, event.job); }
    void operator()(const SlotGiven& event) const { put_job(world, after, event.job); }
    void operator()(const DependencyMet& event) const { put_job(world, after, event.job); }
    void operator()(const JobRequeued& event) const { put_job(world, after, event.job); }
    void operator()(const JobEnded& event) const {
        put_job(world, after, event.job);
        put_claim(world, after, event.job);
    }

    void operator()(const JobPlaced& event) const {
        const JobId job = event.attempt.job;
        world.dequeue(job);
        put_claim(world, after, job);
        // Over already, when the same batch also ended it.
        const AttemptRow* attempt = after.attempts.find(job);
        if (attempt == nullptr || attempt->number != event.attempt.number) return;
        world.occupy(running(after, job, *attempt));
    }
    void operator()(const StopRequested& event) const { world.stop(event.attempt.job); }
    void operator()(const AttemptEnded& event) const {
        world.vacate(event.attempt.job);
        put_usage(world, after, queue_path(meta.scope));
    }
};

}  // namespace

void feed(sched::World& world, const State& after, const RecordedEvent& recorded) {
    std::visit(Feed{world, after, recorded.meta}, recorded.event);
}

sched::World build_world(const State& state) {
    sched::World world;
    for (const auto& [name, chip] : state.chips.rows()) world.put_chip(chip);
    for (const auto& [id, row] : state.centers.rows()) put_center(world, state, id);
    for (const auto& [key, row] : state.nodes.rows()) {
        if (row.excluded) world.exclude(key.center, key.pool, key.node);
    }
    for (const auto& [name, dataset] : state.datasets.rows()) world.put_dataset(dataset);
    for (const auto& [path, queue] : state.queues.rows()) world.put_queue(queue);
    for (const auto& [path, row] : state.usage.rows()) put_usage(world, state, path);
    for (const auto& [id, spec] : state.shapes.rows()) world.put_shape(id, spec);
    world.reserve(state.jobs.size());
    for (const auto& [id, job] : state.jobs.rows()) {
        if (is_queued(state, id, job)) world.enqueue(queued(id, job));
    }
    for (const auto& [id, attempt] : state.attempts.rows())
        world.occupy(running(state, id, attempt));
    for (const auto& [id, claim] : state.claims.rows()) world.claim(claimed(state, id, claim));
    return world;
}

std::vector<Command> commands_of(sched::Decisions decisions, const State& state, Time now) {
    std::vector<Command> commands;
    for (const JobId job : decisions.lapsed) {
        const ClaimRow* claim = state.claims.find(job);
        const bool is_over = claim != nullptr && claim->until <= now;
        commands.emplace_back(
            DropClaim{.job = job, .why = is_over ? ClaimEnd::expired : ClaimEnd::closed});
    }
    for (sched::ClassDecision& decision : decisions.classes)
        commands.emplace_back(CommitDecision{.decision = std::move(decision)});
    for (sched::Claim& claim : decisions.claims)
        commands.emplace_back(ClaimCapacity{.claim = std::move(claim)});
    return commands;
}

}  // namespace dayu::control
