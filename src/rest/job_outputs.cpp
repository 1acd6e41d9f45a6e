// GET /v1/jobs/{id}/outputs: what an attempt has left, as the entry of its end has it.
#include <algorithm>

#include "rest/answer.h"
#include "rest/job_json.h"
#include "rest/job_reads.h"
#include "rest/resources.h"
#include "wire/json_fields.h"

namespace dayu::rest {
namespace {

using wire::Json;

constexpr std::size_t entries_a_page = 1000;

// Of the attempt, or of the latest that has ended (0).
Result<std::optional<control::AttemptEnded>> find_end(Context& context, JobId job,
                                                      std::int64_t attempt) {
    std::optional<control::AttemptEnded> found;
    journal::EntryQuery query{.after = {}, .job = job, .limit = entries_a_page};
    for (;;) {
        const auto rows = TRY(context.loop.journal().store().entries(query));
        for (const auto& row : rows) {
            const Json entry = TRY(wire::parse_json(row.bytes));
            const Json* type = entry.find("type");
            const std::string* name = type == nullptr ? nullptr : type->as_string();
            if (name == nullptr || *name != control::AttemptEnded::type) continue;
            control::AttemptEnded ended;
            if (const Json* data = entry.find("data"))
                TRY(wire::from_json(*data, ended, {.ignore_unknown_keys = true}));
            if (attempt == 0 || ended.attempt.number == attempt) found = std::move(ended);
        }
        if (rows.size() < query.limit) return found;
        query.after = rows.back().seq;
    }
}

}  // namespace

Result<http::Response> list_job_outputs(Context& context, const Call& call) {
    const JobId job = TRY(job_in_path(call.request));
    const std::int64_t attempt =
        TRY(query_number(call.request, "attempt", {.least = 0, .otherwise = 0}));
    TRY(find_job(context, job));
    const auto ended = TRY(find_end(context, job, attempt));
    if (!ended) {
        return not_found("no_outputs_yet",
                         attempt == 0 ? "no attempt of job " + std::to_string(job.value) +
                                            " has ended yet; outputs are listed at the end"
                                      : "job " + std::to_string(job.value) + " has no attempt " +
                                            std::to_string(attempt) + " that has ended");
    }
    Json::Array files;
    for (const OutputFile& file : ended->ending.outputs) {
        files.push_back(
            Json::Object{{"path", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}});
    }
    return answer(Json::Object{{"attempt", ended->attempt.number},
                               {"ended", time_json(ended->ending.ended)},
                               {"detail", ended->ending.detail},
                               {"outputs", std::move(files)}});
}

}  // namespace dayu::rest
