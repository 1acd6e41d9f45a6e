#include "rest/job_json.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/core.h>

namespace dayu::rest {

using wire::Json;

namespace {

template <class T>
Json optional_word(const std::optional<T>& value) {
    Json json;
    if (value) json = Json(to_string(*value));
    return json;
}

Json optional_seconds(const std::optional<Duration>& value) {
    Json json;
    if (value) json = Json(whole_seconds(*value));
    return json;
}

Json placement_json(const PlacementRules& rules) {
    return Json::Object{{"wait_yuan_per_chip_hour", to_string(rules.weights.wait_per_chip_hour)},
                        {"carbon_yuan_per_kg", to_string(rules.weights.carbon_per_kg)},
                        {"regions", list_json(rules.regions)},
                        {"tiers", list_json(rules.tiers)},
                        {"security_level", rules.security_level},
                        {"data_class", to_string(rules.data_class)},
                        {"max_price", optional_word(rules.max_price)},
                        {"move_after_s", optional_seconds(rules.move_after)}};
}

Json resources_json(const Resources& resources) {
    return Json::Object{{"chip", resources.chip},
                        {"chips_milli", resources.chips_milli},
                        {"cpus", resources.cpus},
                        {"memory_mib", resources.memory_mib}};
}

Json variants_json(const std::vector<Variant>& variants) {
    Json::Array array;
    for (const Variant& variant : variants) {
        Json json = resources_json(variant);
        json["nodes"] = variant.nodes ? Json(*variant.nodes) : Json();
        json["time_limit_s"] = optional_seconds(variant.time_limit);
        json["runtime_s"] = optional_seconds(variant.runtime);
        array.push_back(std::move(json));
    }
    return array;
}

Json inputs_json(const std::vector<DataInput>& inputs) {
    Json::Array array;
    for (const DataInput& input : inputs)
        array.push_back(Json::Object{{"dataset", input.dataset}, {"bytes", input.bytes}});
    return array;
}

Json refusal_json(const std::optional<Refusal>& refusal) {
    if (!refusal) return {};
    return Json::Object{
        {"code", refusal->code}, {"reason", to_string(refusal->tier)}, {"detail", refusal->detail}};
}

Json finished_json(const std::optional<Finished>& finished) {
    if (!finished) return {};
    return Json::Object{{"run_s", whole_seconds(finished->run)},
                        {"price", to_string(finished->price)},
                        {"energy_kwh", kwh_json(finished->energy_mwh)},
                        {"carbon_gco2e", milli_json(finished->carbon_mg)}};
}

Json candidate_json(const Candidate& candidate, Time weighed) {
    const Duration none;
    const bool starts = candidate.start.ms != 0;
    const Duration wait = starts ? std::max(none, candidate.start - weighed) : none;
    const Duration run = starts ? candidate.end - candidate.start : none;
    return Json::Object{{"center", candidate.center_name},
                        {"pool", candidate.pool},
                        {"engine", candidate.engine},
                        {"chip", candidate.chip},
                        {"chips_milli", candidate.chips_milli},
                        {"variant", candidate.variant ? Json(*candidate.variant) : Json()},
                        {"start", time_json(candidate.start)},
                        {"end", time_json(candidate.end)},
                        {"wait_s", whole_seconds(wait)},
                        {"run_s", whole_seconds(run)},
                        {"price", to_string(candidate.price)},
                        {"energy_kwh", kwh_json(candidate.energy_mwh)},
                        {"carbon_gco2e", milli_json(candidate.carbon_mg)},
                        {"bytes_moved", candidate.bytes_moved},
                        {"finished", finished_json(candidate.finished)},
                        {"objective", to_string(candidate.objective)},
                        {"refusal", refusal_json(candidate.refusal)}};
}

Json service_json(const std::optional<ServiceForecast>& service) {
    if (!service) return {};
    return Json::Object{
        {"replicas", service->replicas},        {"ttft_us", service->ttft_us},
        {"ttft_low_us", service->ttft_low_us},  {"ttft_high_us", service->ttft_high_us},
        {"tpot_us", service->tpot_us},          {"tpot_low_us", service->tpot_low_us},
        {"tpot_high_us", service->tpot_high_us}};
}

}  // namespace

Json time_json(Time time) {
    Json json;
    if (time.ms != 0) json = Json(to_string(time));
    return json;
}

// A milliwatt-hour is a millionth of a kWh, and Money prints millionths.
Json kwh_json(std::int64_t energy_mwh) { return to_string(Money{energy_mwh}); }

// An engine may say any 64 bits.
Json milli_json(std::int64_t thousandths) {
    const auto raw = static_cast<std::uint64_t>(thousandths);
    const std::uint64_t size = thousandths < 0 ? 0 - raw : raw;
    return fmt::format("{}{}.{:03}", thousandths < 0 ? "-" : "", size / 1000, size % 1000);
}

std::int64_t whole_seconds(Duration duration) { return (duration.ms + 999) / 1000; }

LiveJob live_job(const control::State& state, JobId job, ShapeId shape) {
    LiveJob live;
    if (const JobSpec* spec = state.shapes.find(shape)) live.spec = *spec;
    if (const control::JobRow* row = state.jobs.find(job)) {
        live.cancel_requested = row->cancel_requested;
    }
    if (const control::ClaimRow* claim = state.claims.find(job)) {
        live.claim = Claimed{.row = *claim, .center = state.centers.at(claim->center).center.name};
    }
    if (const control::AttemptRow* attempt = state.attempts.find(job)) {
        live.phase = attempt->state;
        if (attempt->variant) live.taken = spec_of(live.spec, attempt->variant);
        live.contact_lost = state.centers.at(attempt->center).contact_lost;
        live.cancel_requested |= attempt->stopping == EndCause::cancelled;
    }
    return live;
}

Json job_json(const journal::JobSummary& job, const LiveJob& live) {
    const JobSpec& taken = live.taken ? *live.taken : live.spec;
    return Json::Object{{"id", job.job.value},
                        {"name", job.name},
                        {"tenant", job.scope.tenant},
                        {"project", job.scope.project},
                        {"owner", job.owner},
                        {"kind", to_string(live.spec.kind)},
                        {"nodes", taken.nodes},
                        {"chip", taken.resources.chip},
                        {"chips_milli", taken.resources.chips_milli * taken.nodes},
                        {"state", to_string(job.state)},
                        {"phase", optional_word(live.phase)},
                        {"contact_lost", live.contact_lost},
                        {"cancel_requested", live.cancel_requested},
                        {"attempt", job.attempts},
                        {"center", job.center},
                        {"submitted", time_json(job.submitted)},
                        {"started", time_json(job.started)},
                        {"ended", time_json(job.ended)},
                        {"code", job.code},
                        {"signal", job.signal},
                        {"cause", optional_word(job.cause)},
                        {"cost", to_string(job.cost)},
                        {"array", job.array.value == 0 ? Json() : Json(job.array.value)},
                        {"array_index", job.array.value == 0 ? Json() : Json(job.array_index)},
                        {"begin", time_json(job.begin)},
                        {"deadline", time_json(job.deadline)},
                        {"priority", to_string(job.priority)},
                        {"preemptible", live.spec.preemptible},
                        {"detail", job.detail}};
}

Json spec_json(const JobSpec& spec) {
    return Json::Object{
        {"kind", to_string(spec.kind)},
        {"nodes", spec.nodes},
        {"resources", resources_json(spec.resources)},
        {"variants", variants_json(spec.variants)},
        {"secrets", list_json(spec.secrets)},
        {"checkpoint", Json::Object{{"path", spec.checkpoint.path},
                                    {"signal", spec.checkpoint.signal},
                                    {"grace_s", whole_seconds(spec.checkpoint.grace)}}},
        {"retry", Json::Object{{"max", spec.retry.max},
                               {"on_exit", list_json(spec.retry.on_exit)},
                               {"backoff_s", whole_seconds(spec.retry.backoff)}}},
        {"time_limit_s", whole_seconds(spec.time_limit)},
        {"runtime_s", optional_seconds(spec.runtime)},
        {"placement", placement_json(spec.placement)},
        {"inputs", inputs_json(spec.inputs)},
        {"preemptible", spec.preemptible}};
}

Json claim_json(const std::optional<Claimed>& claim) {
    if (!claim) return {};
    std::int64_t chips_milli = 0;
    for (const NodeShare& node : claim->row.nodes) chips_milli += node.chips_milli;
    return Json::Object{{"center", claim->center},
                        {"pool", claim->row.pool},
                        {"nodes", claim->row.nodes.size()},
                        {"chips_milli", chips_milli},
                        {"since", time_json(claim->row.since)},
                        {"until", time_json(claim->row.until)}};
}

Json attempt_json(const journal::AttemptSummary& attempt) {
    return Json::Object{{"number", attempt.attempt.number},
                        {"state", to_string(attempt.state)},
                        {"center", attempt.center_name},
                        {"pool", attempt.pool},
                        {"placed", time_json(attempt.placed)},
                        {"started", time_json(attempt.started)},
                        {"ended", time_json(attempt.ended)},
                        {"cause", optional_word(attempt.cause)},
                        {"code", attempt.code},
                        {"signal", attempt.signal},
                        {"detail", attempt.detail},
                        {"cpu_s", milli_json(attempt.usage.cpu_ms)},
                        {"peak_memory_mib", attempt.usage.peak_memory_mib},
                        {"price_at_most", to_string(attempt.price_at_most)},
                        {"cost", to_string(attempt.cost)},
                        {"energy_kwh", kwh_json(attempt.energy_mwh)},
                        {"carbon_gco2e", milli_json(attempt.carbon_mg)},
                        {"table", attempt.table.value}};
}

Json attempts_json(const std::vector<journal::AttemptSummary>& attempts) {
    Json::Array array;
    for (const auto& attempt : attempts) array.push_back(attempt_json(attempt));
    return array;
}

Json candidates_json(const CandidateTable& table) {
    Json::Array array;
    for (const Candidate& candidate : table.candidates) {
        array.push_back(candidate_json(candidate, table.at));
    }
    return array;
}

Json best_offer_json(const CandidateTable& table) {
    const bool any = !table.candidates.empty() && !table.candidates.front().refusal;
    return any ? Json(0) : Json();
}

Json plans_json(const std::vector<WorkPlan>& plans) {
    Json::Array array;
    for (const WorkPlan& plan : plans) {
        array.emplace_back(Json::Object{{"chip", plan.chip},
                                        {"chips", plan.chips},
                                        {"plan", plan.plan},
                                        {"evidence", plan.evidence},
                                        {"evidence_words", plan.evidence_words},
                                        {"run_s", whole_seconds(plan.run)},
                                        {"run_low_s", whole_seconds(plan.run_low)},
                                        {"run_high_s", whole_seconds(plan.run_high)},
                                        {"service", service_json(plan.service)}});
    }
    return array;
}

Json unmapped_json(const std::vector<wire::Unmapped>& unmapped) {
    Json::Array array;
    for (const wire::Unmapped& item : unmapped) {
        array.emplace_back(Json::Object{{"weight", to_string(item.weight)},
                                        {"key", item.key},
                                        {"line", item.line},
                                        {"value", item.value},
                                        {"why", item.why},
                                        {"advice", item.advice}});
    }
    return array;
}

}  // namespace dayu::rest
