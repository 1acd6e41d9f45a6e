// Submitting and placing jobs.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "control/handlers/handlers.h"
#include "sched/decide.h"

namespace dayu::control {
namespace {

constexpr std::size_t max_live_jobs = 4'000'000;

// Nothing, or why no pool of any centre could ever take the spec. While no centre has joined the job
// may wait for one.
std::optional<Error> never_fits_anywhere(const State& state, const JobSpec& spec) {
    std::map<std::string, std::pair<int, std::string>> refusals;  // code -> count, an example
    int pools = 0;                                                // as often as there are variants
    for (const JobSpec& variant : variants_of(spec)) {
        const Chip* chip =
            variant.resources.chip.empty() ? nullptr : find_chip(state, variant.resources.chip);
        for (const auto& [id, row] : state.centers.rows()) {
            for (const Pool& pool : row.center.pools) {
                const auto refusal = sched::never_fits(row.center, pool, chip, variant);
                if (!refusal) return std::nullopt;
                auto& [count, example] = refusals[refusal->code];
                if (count++ == 0)
                    example = row.center.name + "/" + pool.name + " " + refusal->detail;
                ++pools;
            }
        }
    }
    if (pools == 0) return std::nullopt;
    std::string message = "no pool of any centre can ever run this job";
    if (spec.variants.size() > 1)
        message += ", in any of its " + std::to_string(spec.variants.size()) + " variants";
    message += ':';
    for (const auto& [code, found] : refusals) {
        message += " " + std::to_string(found.first) + "/" + std::to_string(pools) + " " + code +
                   " (" + found.second + ");";
    }
    message.back() = '.';
    return invalid("never_fits", message + " `dayu centers` lists what there is.");
}

Error never_met(const Dependency& dependency, JobState ended) {
    return invalid(
        "dependency_never_met",
        "depends_on: " + job_text(dependency.job) + " has ended " + std::string(to_string(ended)) +
            ", so that \"on: " + std::string(to_string(dependency.on)) + "\" can never be met");
}

bool is_met_by(DependsOn on, JobState ended) {
    switch (on) {
        case DependsOn::success: return ended == JobState::completed;
        case DependsOn::failure: return ended != JobState::completed;
        default: return true;
    }
}

// What is still to be waited for; nothing when the dependency is met already.
Result<std::optional<Awaited>> awaited_of(const State& state, const SubmitJob& command,
                                          const Dependency& dependency) {
    const bool whole_array =
        !dependency.array_index && state.arrays.find(dependency.job) != nullptr;
    const Awaited awaited{.job = dependency.job, .whole_array = whole_array, .on = dependency.on};
    if (whole_array && dependency.on == DependsOn::start) {
        return invalid("dependency_unclear",
                       "depends_on: " + job_text(dependency.job) +
                           " is an array, whose tasks start one by one; name one task of it");
    }
    if (whole_array) return std::optional(awaited);
    if (state.jobs.contains(dependency.job)) {
        const AttemptRow* attempt = state.attempts.find(dependency.job);
        const bool started = attempt != nullptr && attempt->started.ms != 0;
        if (started && dependency.on == DependsOn::start) return std::optional<Awaited>();
        return std::optional(awaited);
    }
    if (!was_accepted(state, dependency.job)) {
        return invalid("dependency_unknown",
                       "depends_on: there is no " + job_text(dependency.job) +
                           "; a job waits for one that was submitted before it");
    }
    const auto ended = command.ended.find(dependency.job);
    if (ended == command.ended.end()) {
        return unavailable("dependency_just_ended",
                           "depends_on: " + job_text(dependency.job) +
                               " has ended this moment, or so long ago that it was forgotten; "
                               "try again, or leave it out");
    }
    if (!is_met_by(dependency.on, ended->second)) return never_met(dependency, ended->second);
    return std::optional<Awaited>();
}

Result<ConditionsSet> conditions_of(const State& state, const SubmitJob& command, Time now) {
    const Conditions& asked = command.conditions;
    ConditionsSet set{.held = asked.hold};
    if (asked.begin.is_set()) set.not_before = asked.begin.since(now);
    if (asked.deadline.is_set()) set.deadline = asked.deadline.since(now);
    if (set.deadline.ms != 0 && set.deadline <= std::max(now, set.not_before)) {
        return invalid("deadline_passed", "deadline: " + to_string(set.deadline) +
                                              " is not after " +
                                              (set.not_before > now ? "begin, " : "now, ") +
                                              to_string(std::max(now, set.not_before)));
    }
    for (const Dependency& dependency : asked.depends_on) {
        const auto awaited = TRY(awaited_of(state, command, dependency));
        if (!awaited) continue;
        if (std::ranges::find(set.awaits, *awaited) == set.awaits.end())
            set.awaits.push_back(*awaited);
    }
    return set;
}

// Of those that the job names the first that was removed since it was submitted.
const std::string* missing_secret(const State& state, const JobRow& job) {
    for (const std::string& name : state.shapes.at(job.shape).secrets) {
        if (!state.secrets.contains({.scope = job.scope, .name = name})) return &name;
    }
    return nullptr;
}

bool is_set(const ConditionsSet& set) {
    return set.held || set.not_before.ms != 0 || set.deadline.ms != 0 || !set.awaits.empty();
}

}  // namespace

Result<Events> submit_job(const State& state, const SubmitJob& command, const Actor& actor,
                          Time now) {
    if (const auto earlier = stored_answer(state, command.idempotency_key);
        earlier && !command.idempotency_key.empty()) {
        if (is_same_request(state, command)) return Events{};
        return conflict("idempotency_key_reused",
                        "this idempotency key was used for another request (" + job_text(*earlier) +
                            "); take a new key for a new job");
    }
    const ArrayTasks& array = command.conditions.array;
    const std::size_t tasks = std::max<std::size_t>(array.indices.size(), 1);
    if (state.jobs.size() + tasks > max_live_jobs) {
        return exhausted("too_many_jobs",
                         "there are " + std::to_string(state.jobs.size()) + " live jobs of " +
                             std::to_string(max_live_jobs) +
                             ", which is the limit; try again when some have ended");
    }
    TRY(check_secrets(state, actor.scope, command.spec.secrets));
    TRY(check_inputs(state, command.spec.inputs));
    if (const auto error = never_fits_anywhere(state, command.spec)) return *error;
    const ConditionsSet conditions = TRY(conditions_of(state, command, now));

    Events events;
    auto shape = find_shape(state, command.spec);
    if (!shape) {
        shape = ShapeId{state.header.last_shape.value + 1};
        events.push_back(ShapeDeclared{.shape = *shape, .spec = command.spec});
    }
    const auto handicap = command.handicap.ms > 0 ? std::optional(command.handicap) : std::nullopt;
    const JobId first{state.header.last_job.value + 1};
    const bool is_array = !array.indices.empty();
    if (is_array) {
        events.push_back(ArrayDeclared{
            .array = first, .tasks = static_cast<std::int64_t>(tasks), .at_most = array.at_most});
    }
    for (std::size_t i = 0; i < tasks; ++i) {
        const JobId job{first.value + i};
        // The key leads to the first task, which stands for all.
        events.push_back(JobAccepted{.job = job,
                                     .name = command.name,
                                     .shape = *shape,
                                     .body = command.body,
                                     .idempotency_key = i == 0 ? command.idempotency_key : "",
                                     .request = i == 0 ? command.request : "",
                                     .workdir = command.workdir,
                                     .priority = command.conditions.priority,
                                     .handicap = handicap});
        if (!is_array && !is_set(conditions)) continue;
        ConditionsSet set = conditions;
        set.job = job;
        if (is_array) {
            set.array = first;
            set.array_index = array.indices[i];
            const bool has_slot = array.at_most == 0 || std::cmp_less(i, array.at_most);
            set.awaits_slot = !set.held && !has_slot;
        }
        events.push_back(std::move(set));
    }
    return events;
}

Result<Events> commit_decision(const State& state, const CommitDecision& command, Time now) {
    const auto& [table, placements] = command.decision;
    const Seq table_seq{state.header.last_seq.value + 1};
    Events events{CandidatesWeighed{.table = table}};
    std::set<JobId> placed;
    for (const sched::Placement& placement : placements) {
        const JobRow* job = state.jobs.find(placement.job);
        const bool waits =
            job != nullptr && is_queued(state, placement.job, *job) && job->not_before <= now;
        if (!waits || placement.candidate >= table.candidates.size()) continue;
        const Candidate& offer = table.candidates[placement.candidate];
        if (offer.refusal) continue;
        const CenterRow* center = state.centers.find(offer.center);
        if (center == nullptr || !is_open(*center)) continue;
        const bool meets_excluded =
            std::ranges::any_of(placement.nodes, [&](const NodeShare& share) {
                return is_excluded(
                    state, {.center = offer.center, .pool = offer.pool, .node = share.node});
            });
        if (meets_excluded) continue;
        if (!placed.insert(placement.job).second) continue;
        if (const std::string* gone = missing_secret(state, *job)) {
            events.push_back(SecretMissing{.job = placement.job, .name = *gone});
            events.push_back(
                JobEnded{.job = placement.job, .state = JobState::failed, .cost = job->spent});
            continue;
        }
        const AttemptKey attempt{.job = placement.job,
                                 .number = last_attempt(state, placement.job, *job) + 1};
        events.push_back(JobPlaced{.attempt = attempt,
                                   .table = table_seq,
                                   .candidate = static_cast<std::int64_t>(placement.candidate),
                                   .center = offer.center,
                                   .pool = offer.pool,
                                   .variant = offer.variant,
                                   .nodes = placement.nodes,
                                   .price_at_most = placement.price_at_most,
                                   .energy_mwh_at_most = offer.energy_mwh,
                                   .carbon_mg_at_most = offer.carbon_mg});
        if (const auto& names = state.shapes.at(job->shape).secrets; !names.empty()) {
            events.push_back(
                SecretsGranted{.attempt = attempt, .center = offer.center, .names = names});
        }
    }
    return placed.empty() ? Events{} : events;
}

}  // namespace dayu::control
