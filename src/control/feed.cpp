#include "control/feed.h"

namespace dayu::control {
namespace {

void put_center(sched::World& world, const State& state, CenterId id) {
    const CenterRow& row = state.centers.at(id);
    world.put_center(id, row.center, !row.contact_lost && !row.installation.empty());
}

sched::RunningJob running(JobId job, const AttemptRow& attempt, const JobSpec& spec) {
    return {.job = job,
            .center = attempt.center,
            .pool = attempt.pool,
            .nodes = attempt.nodes,
            .until = attempt.placed + spec.time_limit};
}

sched::QueuedJob queued(JobId id, const JobRow& job) {
    return {.job = id, .shape = job.shape, .not_before = job.not_before, .spent = job.spent};
}

struct Feed {
    sched::World& world;
    const State& after;
    const EventMeta& meta;

    void operator()(const Founded&) const {}
    void operator()(const TokenIssued&) const {}
    void operator()(const CandidatesWeighed&) const {}
    void operator()(const AttemptAdvanced&) const {}
    void operator()(const UsageMetered&) const {}
    void operator()(const StopRequested&) const {}

    void operator()(const ChipDeclared& event) const { world.put_chip(event.chip); }
    void operator()(const CenterDeclared& event) const { put_center(world, after, event.id); }
    void operator()(const LeaseGranted& event) const { put_center(world, after, event.center); }
    void operator()(const ContactLost& event) const { put_center(world, after, event.center); }
    void operator()(const ContactRestored& event) const { put_center(world, after, event.center); }
    void operator()(const CenterFenced& event) const { put_center(world, after, event.center); }
    void operator()(const ShapeDeclared& event) const { world.put_shape(event.shape, event.spec); }

    void operator()(const JobAccepted& event) const {
        world.enqueue({.job = event.job, .shape = event.shape, .not_before = {}, .spent = {}});
    }
    void operator()(const JobPlaced& event) const {
        const JobId job = event.attempt.job;
        const sched::QueuedJob* queued = world.find_queued(job);
        // Requeued, placed and ended in one batch: the requeue was passed over, and so is this.
        if (queued == nullptr) return;
        const JobSpec& spec = after.shapes.at(queued->shape);
        world.dequeue(job);
        world.occupy({.job = job,
                      .center = event.center,
                      .pool = event.pool,
                      .nodes = event.nodes,
                      .until = meta.at + spec.time_limit});
    }
    void operator()(const AttemptEnded& event) const { world.vacate(event.attempt.job); }
    void operator()(const JobRequeued& event) const {
        // Gone already when the same batch also ended it.
        if (const JobRow* job = after.jobs.find(event.job)) world.enqueue(queued(event.job, *job));
    }
    void operator()(const JobEnded& event) const {
        if (world.find_queued(event.job) != nullptr) world.dequeue(event.job);
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
    for (const auto& [id, spec] : state.shapes.rows()) world.put_shape(id, spec);
    for (const auto& [id, job] : state.jobs.rows()) {
        if (job.state == JobState::pending) world.enqueue(queued(id, job));
    }
    for (const auto& [id, attempt] : state.attempts.rows()) {
        world.occupy(running(id, attempt, state.shapes.at(state.jobs.at(id).shape)));
    }
    return world;
}

}  // namespace dayu::control
