// Submitting, cancelling and placing jobs.
#include <map>
#include <set>

#include "control/handlers/handlers.h"
#include "sched/decide.h"

namespace dayu::control {
namespace {

constexpr std::size_t max_live_jobs = 4'000'000;

std::string job_text(JobId job) { return "job " + std::to_string(job.value); }

// Nothing, or why no pool of any centre could ever take the spec. While no centre has joined the job
// may wait for one.
std::optional<Error> never_fits_anywhere(const State& state, const JobSpec& spec) {
    std::map<std::string, std::pair<int, std::string>> refusals;  // code -> count, an example
    int pools = 0;
    const Chip* chip =
        spec.resources.chip.empty() ? nullptr : find_chip(state, spec.resources.chip);
    for (const auto& [id, row] : state.centers.rows()) {
        for (const Pool& pool : row.center.pools) {
            const auto refusal = sched::never_fits(row.center, pool, chip, spec);
            if (!refusal) return std::nullopt;
            auto& [count, example] = refusals[refusal->code];
            if (count++ == 0) example = row.center.name + "/" + pool.name + " " + refusal->detail;
            ++pools;
        }
    }
    if (pools == 0) return std::nullopt;
    std::string message = "no pool of any centre can ever run this job:";
    for (const auto& [code, found] : refusals) {
        message += " " + std::to_string(found.first) + "/" + std::to_string(pools) + " " + code +
                   " (" + found.second + ");";
    }
    message.back() = '.';
    return invalid("never_fits", message + " `dayu centers` lists what there is.");
}

const JobRow* find_live(const State& state, JobId job, std::optional<Error>& error) {
    const JobRow* row = state.jobs.find(job);
    if (row != nullptr) return row;
    const bool ended = job.value != 0 && job <= state.header.last_job;
    error = ended ? conflict("job_ended",
                             job_text(job) + " has ended already; `dayu describe` tells how")
                  : not_found("job_unknown", "there is no " + job_text(job));
    return nullptr;
}

}  // namespace

Result<Events> submit_job(const State& state, const SubmitJob& command) {
    if (const auto earlier = stored_answer(state, command.idempotency_key);
        earlier && !command.idempotency_key.empty()) {
        if (is_same_request(state, command)) return Events{};
        return conflict("idempotency_key_reused",
                        "this idempotency key was used for another request (" + job_text(*earlier) +
                            "); take a new key for a new job");
    }
    if (state.jobs.size() >= max_live_jobs) {
        return exhausted("too_many_jobs",
                         "there are " + std::to_string(max_live_jobs) +
                             " live jobs, which is the limit; try again when some have ended");
    }
    if (const auto error = never_fits_anywhere(state, command.spec)) return *error;

    Events events;
    auto shape = find_shape(state, command.spec);
    if (!shape) {
        shape = ShapeId{state.header.last_shape.value + 1};
        events.push_back(ShapeDeclared{.shape = *shape, .spec = command.spec});
    }
    events.push_back(JobAccepted{.job = {state.header.last_job.value + 1},
                                 .name = command.name,
                                 .shape = *shape,
                                 .body = command.body,
                                 .idempotency_key = command.idempotency_key,
                                 .request = command.request});
    return events;
}

Result<Events> cancel_job(const State& state, const CancelJob& command, Time) {
    std::optional<Error> error;
    const JobRow* job = find_live(state, command.job, error);
    if (job == nullptr) return *error;
    const AttemptRow* attempt = state.attempts.find(command.job);
    if (attempt == nullptr) {
        return Events{
            JobEnded{.job = command.job, .state = JobState::cancelled, .cost = job->spent}};
    }
    if (attempt->stopping) return Events{};
    return Events{StopRequested{.attempt = {.job = command.job, .number = attempt->number},
                                .cause = EndCause::cancelled}};
}

Result<Events> commit_decision(const State& state, const CommitDecision& command, Time now) {
    const auto& [table, placements] = command.decision;
    const Seq table_seq{state.header.last_seq.value + 1};
    Events events{CandidatesWeighed{.table = table}};
    std::set<JobId> placed;
    for (const sched::Placement& placement : placements) {
        const JobRow* job = state.jobs.find(placement.job);
        const bool waits =
            job != nullptr && job->state == JobState::pending && job->not_before <= now;
        if (!waits || placement.candidate >= table.candidates.size()) continue;
        const Candidate& offer = table.candidates[placement.candidate];
        if (offer.refusal) continue;
        const CenterRow* center = state.centers.find(offer.center);
        if (center == nullptr || center->contact_lost || center->installation.empty()) continue;
        if (!placed.insert(placement.job).second) continue;
        events.push_back(JobPlaced{.attempt = {.job = placement.job, .number = job->attempts + 1},
                                   .table = table_seq,
                                   .candidate = static_cast<std::int64_t>(placement.candidate),
                                   .center = offer.center,
                                   .pool = offer.pool,
                                   .nodes = placement.nodes,
                                   .price_at_most = placement.price_at_most,
                                   .energy_mwh_at_most = offer.energy_mwh,
                                   .carbon_mg_at_most = offer.carbon_mg});
    }
    return placed.empty() ? Events{} : events;
}

}  // namespace dayu::control
