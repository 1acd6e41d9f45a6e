#include "runtime/live_foresight.h"

#include <algorithm>
#include <vector>

#include "model/queue.h"

namespace dayu::runtime {
namespace {

constexpr std::size_t page = 1000;

sched::Likeness likeness_of(const JobSpec& spec, const Scope& scope, const std::string& user,
                            const std::string& name) {
    sched::Likeness likeness = sched::likeness_of(spec);
    likeness.user = sched::number_of(user);
    likeness.project = sched::number_of(queue_path(scope));
    likeness.name = sched::number_of(name);
    return likeness;
}

// Of one attempt alone it is known how long it ran; of others only when the first began.
bool tells_its_run(const journal::JobSummary& job, const control::State& state) {
    return job.attempts == 1 && job.started.ms != 0 && job.cause &&
           state.shapes.contains(job.shape);
}

// The latest that ended, in the order in which they did.
Result<std::vector<journal::JobSummary>> ended_jobs(const journal::Store& store,
                                                    const control::State& state) {
    journal::JobQuery query{.states = {JobState::completed, JobState::failed, JobState::timeout,
                                       JobState::out_of_memory},
                            .limit = page};
    std::vector<journal::JobSummary> jobs;
    for (std::size_t seen = 0; seen < LiveForesight::most_recalled;) {
        std::vector<journal::JobSummary> rows = TRY(store.jobs(query));
        if (rows.empty()) break;
        seen += rows.size();
        query.before = rows.back().job;
        std::erase_if(rows, [&](const auto& job) { return !tells_its_run(job, state); });
        std::ranges::move(rows, std::back_inserter(jobs));
    }
    std::ranges::sort(jobs, {}, [](const auto& job) { return std::pair(job.ended, job.job); });
    return jobs;
}

}  // namespace

Result<void> LiveForesight::recall(const journal::Store& store, const control::State& state) {
    for (const journal::JobSummary& job : TRY(ended_jobs(store, state))) {
        const JobSpec& spec = state.shapes.at(job.shape);
        foresight_.end(likeness_of(spec, job.scope, job.owner, job.name), job.started, job.ended,
                       *job.cause);
    }
    for (const auto& [id, attempt] : state.attempts.rows())
        begin(id, state, attempt.started.ms != 0 ? attempt.started : attempt.placed);
    return {};
}

void LiveForesight::follow(const control::RecordedEvent& recorded, const control::State& after) {
    if (const auto* placed = std::get_if<control::JobPlaced>(&recorded.event)) {
        begin(placed->attempt.job, after, recorded.meta.at);
    } else if (const auto* told = std::get_if<control::AttemptAdvanced>(&recorded.event)) {
        if (told->state == AttemptState::running) began(told->attempt.job, told->observed);
    } else if (const auto* ended = std::get_if<control::AttemptEnded>(&recorded.event)) {
        end(ended->attempt.job, ended->ending);
    }
}

Duration LiveForesight::handicap(const control::SubmitJob& command, const control::Actor& actor,
                                 Time now) const {
    return foresight_.handicap(likeness_of(command.spec, actor.scope, actor.name, command.name),
                               now);
}

// It may have ended in the same batch.
void LiveForesight::begin(JobId id, const control::State& state, Time since) {
    const control::JobRow* const job = state.jobs.find(id);
    if (job == nullptr) return;
    const JobSpec& spec = state.shapes.at(job->shape);
    const Run run{.job = likeness_of(spec, job->scope, job->owner, job->name), .since = since};
    runs_.insert_or_assign(id, run);
    foresight_.start(run.job, since);
}

void LiveForesight::began(JobId job, Time started) {
    const auto run = runs_.find(job);
    if (run == runs_.end()) return;
    foresight_.forget(run->second.job, run->second.since);
    foresight_.start(run->second.job, started);
    run->second.since = started;
}

void LiveForesight::end(JobId job, const Ending& ending) {
    const auto run = runs_.find(job);
    if (run == runs_.end()) return;
    if (ending.started.ms != 0) {
        began(job, ending.started);
        foresight_.end(run->second.job, ending.started, ending.ended, ending.cause);
    } else {
        foresight_.forget(run->second.job, run->second.since);
    }
    runs_.erase(run);
}

}  // namespace dayu::runtime
