// What a user, or time, does to a job that lives: cancel, hold, release, requeue, deadline.
#include "control/handlers/handlers.h"

namespace dayu::control {
namespace {

Result<const JobRow*> find_live(const State& state, JobId job) {
    if (const JobRow* row = state.jobs.find(job)) return row;
    if (was_accepted(state, job)) {
        return conflict("job_ended",
                        job_text(job) + " has ended already; `dayu describe` tells how");
    }
    return no_such_job(state, job);
}

Events stop(JobId id, const AttemptRow& attempt, EndCause cause) {
    return {StopRequested{.attempt = {.job = id, .number = attempt.number}, .cause = cause}};
}

Events end_waiting(JobId id, const JobRow& job, JobState state) {
    return {JobEnded{.job = id, .state = state, .cost = job.spent}};
}

// Cancelling wins over a stop for another reason: the job does not come back.
Result<Events> cancel(const State& state, JobId id, const JobRow& job) {
    const AttemptRow* attempt = state.attempts.find(id);
    if (attempt == nullptr) return end_waiting(id, job, JobState::cancelled);
    if (attempt->stopping == EndCause::cancelled) return Events{};
    return stop(id, *attempt, EndCause::cancelled);
}

Result<Events> hold(JobId id, const JobRow& job) {
    if (job.state == JobState::held) return Events{};
    if (job.state == JobState::pending) return Events{JobHeld{.job = id}};
    return conflict("job_active", job_text(id) +
                                      " has been placed, and only a waiting job is held; "
                                      "`dayu requeue` or `dayu cancel` stops it");
}

Result<Events> release(const State& state, JobId id, const JobRow& job) {
    if (job.state != JobState::held) return Events{};
    const ArrayRow* array = state.arrays.find(job.array);
    const bool full =
        array != nullptr && array->at_most != 0 && array->not_waiting >= array->at_most;
    return Events{JobReleased{.job = id, .awaits_slot = full}};
}

Result<Events> requeue(const State& state, JobId id) {
    const AttemptRow* attempt = state.attempts.find(id);
    if (attempt == nullptr) {
        return conflict("job_not_active",
                        job_text(id) + " waits already; only a placed job is put back");
    }
    if (attempt->stopping) return Events{};
    return stop(id, *attempt, EndCause::requeued);
}

Result<Events> change(const State& state, JobId id, const JobRow& job, JobAction action) {
    switch (action) {
        case JobAction::cancel: return cancel(state, id, job);
        case JobAction::hold: return hold(id, job);
        case JobAction::release: return release(state, id, job);
        case JobAction::requeue: return requeue(state, id);
    }
    return Events{};
}

}  // namespace

Result<Events> change_job(const State& state, const ChangeJob& command) {
    const JobRow& job = *TRY(find_live(state, command.job));
    return change(state, command.job, job, command.action);
}

// Tasks that the action does not suit are passed over: some run and some wait.
Result<Events> change_array(const State& state, const ChangeArray& command) {
    const ArrayRow* array = state.arrays.find(command.array);
    if (array == nullptr) {
        TRY(find_live(state, command.array));
        return not_found("array_unknown", job_text(command.array) + " is no array");
    }
    Events events;
    std::int64_t released = 0;
    for (std::int64_t i = 0; i < array->tasks; ++i) {
        const JobId id{command.array.value + static_cast<std::uint64_t>(i)};
        const JobRow* job = state.jobs.find(id);
        if (job == nullptr) continue;
        Result<Events> one = change(state, id, *job, command.action);
        if (!one.ok()) continue;
        for (Event& event : *one) {
            if (auto* release = std::get_if<JobReleased>(&event)) {
                release->awaits_slot =
                    array->at_most != 0 && array->not_waiting + released >= array->at_most;
                if (!release->awaits_slot) ++released;
            }
            events.push_back(std::move(event));
        }
    }
    return events;
}

Result<Events> expire_job(const State& state, const ExpireJob& command, Time now) {
    const JobRow* job = state.jobs.find(command.job);
    if (job == nullptr || job->deadline.ms == 0 || now < job->deadline) return Events{};
    const AttemptRow* attempt = state.attempts.find(command.job);
    if (attempt == nullptr) return end_waiting(command.job, *job, JobState::deadline);
    if (!has_open_deadline(state, command.job, *job)) return Events{};
    return stop(command.job, *attempt, EndCause::deadline);
}

}  // namespace dayu::control
