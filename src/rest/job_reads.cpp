#include "rest/job_reads.h"

#include "rest/answer.h"
#include "wire/json_fields.h"

namespace dayu::rest {

Result<journal::JobSummary> find_job(Context& context, JobId job) {
    const auto summary = TRY(context.loop.journal().store().job(job));
    if (!summary) return not_found("job_unknown", "there is no job " + std::to_string(job.value));
    return *summary;
}

Result<CandidateTable> read_table(Context& context, Seq seq) {
    const auto rows = TRY(
        context.loop.journal().store().entries({.after = {seq.value - 1}, .job = {}, .limit = 1}));
    const auto missing = [&] {
        return internal("table_missing", "entry " + std::to_string(seq.value) +
                                             " holds no candidate table; `dayu journal check` "
                                             "tells whether the journal is whole");
    };
    if (rows.empty() || rows.front().seq != seq) return missing();
    const wire::Json entry = TRY(wire::parse_json(rows.front().bytes));
    const wire::Json* data = entry.find("data");
    const wire::Json* json = data ? data->find("table") : nullptr;
    if (!json) return missing();
    CandidateTable table;
    TRY(wire::from_json(*json, table, {.ignore_unknown_keys = true}));
    return table;
}

Result<VariantIndex> TakenVariants::of_latest_attempt(JobId job) {
    const auto attempts = TRY(context_.loop.journal().store().attempts(job));
    if (attempts.empty()) return VariantIndex();
    const journal::AttemptSummary& latest = attempts.back();
    auto table = tables_.find(latest.table);
    if (table == tables_.end())
        table = tables_.emplace(latest.table, TRY(read_table(context_, latest.table))).first;
    const auto chosen = static_cast<std::size_t>(latest.candidate);
    const auto& candidates = table->second.candidates;
    return chosen < candidates.size() ? candidates[chosen].variant : VariantIndex();
}

void TakenVariants::find(const journal::JobSummary& job, LiveJob& live) {
    if (!is_terminal(job.state) || live.spec.variants.empty()) return;
    const auto variant = of_latest_attempt(job.job);
    if (!variant || !*variant || **variant >= std::ssize(live.spec.variants)) return;
    live.taken = spec_of(live.spec, *variant);
}

Result<wire::Json> read_workdir(Context& context, const BodyRef& body) {
    const auto content = TRY(context.loop.journal().store().body(body));
    if (!content) return wire::Json();
    const wire::Json json = TRY(wire::parse_json(*content));
    const wire::Json* workdir = json.find("workdir");
    return workdir == nullptr ? wire::Json() : *workdir;
}

Result<http::Response> show_job(Context& context, JobId job) {
    const journal::JobSummary summary = TRY(find_job(context, job));
    LiveJob live;
    context.loop.read_and_wait(
        [&](const runtime::Core& core) { live = live_job(core.state(), job, summary.shape); });
    TakenVariants(context).find(summary, live);
    return answer(job_json(summary, live));
}

}  // namespace dayu::rest
