// GET /v1/attempts, GET /v1/attempts/{job}/{number}: what ran where, of all jobs.
#include <optional>
#include <string>
#include <utility>

#include "rest/answer.h"
#include "rest/job_json.h"
#include "rest/job_reads.h"
#include "rest/resources.h"

namespace dayu::rest {
namespace {

using wire::Json;

constexpr std::int64_t max_attempts_a_page = 1000;
constexpr std::int64_t default_attempts_a_page = 100;

Json of_job_json(const journal::AttemptSummary& attempt) {
    Json json = attempt_json(attempt);
    json["job"] = attempt.attempt.job.value;
    return json;
}

// "41.2", the `next` of the page before.
Result<std::optional<AttemptKey>> cursor_asked(const http::Request& request) {
    const auto text = request.query_param("before");
    if (!text) return std::optional<AttemptKey>();
    const std::size_t dot = text->find('.');
    if (dot != std::string_view::npos) {
        const auto job = parse_number("before", text->substr(0, dot), {.least = 1});
        const auto number = parse_number("before", text->substr(dot + 1), {.least = 1});
        if (job && number)
            return std::optional(
                AttemptKey{.job = {static_cast<std::uint64_t>(*job)}, .number = *number});
    }
    return invalid("parameter_invalid", "before: \"" + std::string(text->substr(0, 40)) +
                                            "\" is not the `next` of a page, as 41.2");
}

Result<journal::AttemptQuery> attempt_query(const Known& known, const http::Request& request) {
    journal::AttemptQuery query;
    query.job.value =
        static_cast<std::uint64_t>(TRY(query_number(request, "job", {.least = 1, .otherwise = 0})));
    query.states = TRY(query_words<AttemptState>(request, "state"));
    TRY(centers_asked(known, request));
    query.centers = TRY(query_list(request, "center"));
    query.before = TRY(cursor_asked(request));
    query.limit = static_cast<std::size_t>(TRY(query_number(
        request, "limit",
        {.least = 1, .most = max_attempts_a_page, .otherwise = default_attempts_a_page})));
    return query;
}

}  // namespace

Result<http::Response> list_attempts(Context& context, const Call& call) {
    journal::AttemptQuery query = TRY(attempt_query(*context.registry.known(), call.request));
    const std::size_t limit = query.limit++;  // one more shows whether there is a next page
    auto attempts = TRY(context.loop.journal().store().list_attempts(query));
    const bool more = attempts.size() > limit;
    if (more) attempts.resize(limit);

    Json::Array rows;
    for (const auto& attempt : attempts) rows.push_back(of_job_json(attempt));
    Json page;
    page["attempts"] = std::move(rows);
    page["next"] = Json();
    if (more) {
        const AttemptKey& last = attempts.back().attempt;
        page["next"] = std::to_string(last.job.value) + '.' + std::to_string(last.number);
    }
    return answer(page);
}

Result<http::Response> describe_attempt(Context& context, const Call& call) {
    const JobId job = TRY(job_in_path(call.request, "job"));
    TRY(find_job(context, job));
    const std::string& number = call.request.param("number");
    for (const auto& attempt : TRY(context.loop.journal().store().attempts(job))) {
        if (std::to_string(attempt.attempt.number) == number) return answer(of_job_json(attempt));
    }
    return not_found("attempt_unknown",
                     "job " + std::to_string(job.value) + " has no attempt " + number);
}

}  // namespace dayu::rest
