// GET /v1/jobs, GET /v1/jobs/{id}; POST /v1/jobs/{id}/cancel, hold, release, requeue, and the same of arrays.
#include <string>
#include <utility>

#include "rest/answer.h"
#include "rest/entity_tag.h"
#include "rest/job_json.h"
#include "rest/job_reads.h"
#include "rest/resources.h"

namespace dayu::rest {
namespace {

constexpr std::int64_t max_jobs_a_page = 1000;
constexpr std::int64_t default_jobs_a_page = 100;

Result<journal::JobQuery> job_query(const Known& known, const http::Request& request) {
    journal::JobQuery query;
    query.states = TRY(query_words<JobState>(request, "state"));
    query.kinds = TRY(query_words<JobKind>(request, "kind"));
    TRY(centers_asked(known, request));
    query.centers = TRY(query_list(request, "center"));
    query.names = TRY(query_list(request, "name"));
    query.owners = TRY(users_asked(request));
    query.projects = TRY(query_list(request, "project"));
    query.since = TRY(query_time(request, "since"));
    query.ended_too = TRY(query_flag(request, "all"));
    query.array.value = static_cast<std::uint64_t>(
        TRY(query_number(request, "array", {.least = 1, .otherwise = 0})));
    query.before.value = static_cast<std::uint64_t>(
        TRY(query_number(request, "before", {.least = 1, .otherwise = 0})));
    query.limit = static_cast<std::size_t>(
        TRY(query_number(request, "limit",
                         {.least = 1, .most = max_jobs_a_page, .otherwise = default_jobs_a_page})));
    return query;
}

}  // namespace

Result<http::Response> list_jobs(Context& context, const Call& call) {
    journal::JobQuery query = TRY(job_query(*context.registry.known(), call.request));
    const std::size_t limit = query.limit++;  // one more shows whether there is a next page
    Version version;
    context.loop.read_and_wait(
        [&](const runtime::Core& core) { version = version_of_array(core.state(), query.array); });
    auto jobs = TRY(context.loop.journal().store().jobs(query));
    const bool more = jobs.size() > limit;
    if (more) jobs.resize(limit);

    std::vector<LiveJob> live;
    live.reserve(jobs.size());
    context.loop.read_and_wait([&](const runtime::Core& core) {
        for (const auto& job : jobs) live.push_back(live_job(core.state(), job.job, job.shape));
    });
    wire::Json::Array rows;
    TakenVariants taken(context);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        taken.find(jobs[i], live[i]);
        rows.push_back(job_json(jobs[i], live[i]));
    }
    wire::Json page;
    page["jobs"] = std::move(rows);
    page["next"] = more ? wire::Json(jobs.back().job.value) : wire::Json();
    return tagged(call.request, answer(page), version);
}

Result<http::Response> describe_job(Context& context, const Call& call) {
    const JobId id = TRY(job_in_path(call.request));
    Version version;
    context.loop.read_and_wait(
        [&](const runtime::Core& core) { version = version_of_job(core.state(), id); });
    const journal::JobSummary job = TRY(find_job(context, id));
    const auto attempts = TRY(context.loop.journal().store().attempts(id));
    LiveJob live;
    context.loop.read_and_wait(
        [&](const runtime::Core& core) { live = live_job(core.state(), id, job.shape); });
    TakenVariants(context).find(job, live);

    wire::Json json = job_json(job, live);
    json["body"] = job.body;
    json["spec"] = spec_json(live.spec);
    json["claim"] = claim_json(live.claim);
    json["workdir"] = TRY(read_workdir(context, job.body));
    json["attempts"] = attempts_json(attempts);
    json["candidates"] = wire::Json::Array();
    json["chosen"] = wire::Json();
    if (!attempts.empty()) {
        json["candidates"] = candidates_json(TRY(read_table(context, attempts.back().table)));
        json["chosen"] = attempts.back().candidate;
    }
    return tagged(call.request, answer(json), version);
}

using control::JobAction;

template <JobAction action>
void change_job(const ContextPtr& context, Call call, const http::Responder& responder) {
    const auto job = job_in_path(call.request);
    if (!job) return refuse_call(*context, call.caller, responder, job.error());
    auto only_if = precondition(call.request, [job = *job](const control::State& state) {
        return version_of_job(state, job);
    });
    if (!only_if) return refuse_call(*context, call.caller, responder, only_if.error());
    commit(context, call.caller, control::ChangeJob{.job = *job, .action = action}, responder,
           std::move(*only_if));
}

template <JobAction action>
void change_array(const ContextPtr& context, Call call, const http::Responder& responder) {
    const auto array = job_in_path(call.request);
    if (!array) return refuse_call(*context, call.caller, responder, array.error());
    auto only_if = precondition(call.request, [array = *array](const control::State& state) {
        return version_of_array(state, array);
    });
    if (!only_if) return refuse_call(*context, call.caller, responder, only_if.error());
    commit(context, call.caller, control::ChangeArray{.array = *array, .action = action}, responder,
           std::move(*only_if));
}

template void change_job<JobAction::cancel>(const ContextPtr&, Call, const http::Responder&);
template void change_job<JobAction::hold>(const ContextPtr&, Call, const http::Responder&);
template void change_job<JobAction::release>(const ContextPtr&, Call, const http::Responder&);
template void change_job<JobAction::requeue>(const ContextPtr&, Call, const http::Responder&);
template void change_array<JobAction::cancel>(const ContextPtr&, Call, const http::Responder&);
template void change_array<JobAction::hold>(const ContextPtr&, Call, const http::Responder&);
template void change_array<JobAction::release>(const ContextPtr&, Call, const http::Responder&);
template void change_array<JobAction::requeue>(const ContextPtr&, Call, const http::Responder&);

}  // namespace dayu::rest
