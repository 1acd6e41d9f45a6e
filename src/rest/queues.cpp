// GET /v1/queues; GET, PUT and DELETE /v1/queues/{path}: how capacity is divided.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rest/answer.h"
#include "rest/entity_tag.h"
#include "rest/job_json.h"
#include "rest/resources.h"
#include "runtime/queue_reports.h"
#include "wire/json_fields.h"

namespace dayu::rest {
namespace {

using wire::Json;

constexpr std::int64_t max_queues_a_page = 1000;
constexpr std::int64_t default_queues_a_page = 100;

// What a request says of a queue, whose path stands in its own.
struct Said {
    std::int64_t weight_milli = Queue{}.weight_milli;
    std::vector<Quota> quotas;
    static constexpr auto fields() {
        return field_list(Field{"weight_milli", &Said::weight_milli},
                          Field{"quotas", &Said::quotas});
    }
};

Json quota_json(const Quota& quota) {
    return Json::Object{{"chip", quota.chip},
                        {"guaranteed_milli", quota.guaranteed_milli},
                        {"kept_milli", quota.kept_milli},
                        {"limit_milli", quota.limit_milli ? Json(*quota.limit_milli) : Json()}};
}

Json queue_json(const runtime::QueueReport& report) {
    Json::Array quotas, use;
    for (const Quota& quota : report.queue.quotas) quotas.push_back(quota_json(quota));
    for (const auto& [chip, milli] : report.used_milli)
        use.push_back(Json::Object{{"chip", chip}, {"used_milli", milli}});
    return Json::Object{{"path", report.queue.path},
                        {"described", report.described},
                        {"weight_milli", report.queue.weight_milli},
                        {"quotas", std::move(quotas)},
                        {"use", std::move(use)},
                        {"waiting", report.waiting},
                        {"running", report.running},
                        {"used_per_hour", to_string(report.used_per_hour)},
                        {"past_per_hour", to_string(report.past_per_hour)},
                        {"share_per_hour", to_string(report.share_per_hour)}};
}

// A path in the query, which may be left out.
Result<std::string> path_asked(const http::Request& request, std::string_view name) {
    const std::string path(request.query_param(name).value_or(""));
    if (path.empty()) return path;
    const Result<void> sound = check_queue_path(name, path);
    if (!sound) return invalid("parameter_invalid", sound.error().message);
    return path;
}

Result<control::SetQueue> setting(const Call& call) {
    Said said;
    TRY(wire::from_json(TRY(wire::parse_json(call.request.body)), said));
    return control::SetQueue{.queue = {.path = call.request.param("path"),
                                       .weight_milli = said.weight_milli,
                                       .quotas = std::move(said.quotas)}};
}

Result<runtime::Precondition> precondition_of(const Call& call) {
    return precondition(call.request,
                        [path = call.request.param("path")](const control::State& state) {
                            return version_of_queue(state, path);
                        });
}

}  // namespace

Result<http::Response> list_queues(Context& context, const Call& call) {
    const std::int64_t limit = TRY(
        query_number(call.request, "limit",
                     {.least = 1, .most = max_queues_a_page, .otherwise = default_queues_a_page}));
    const runtime::QueueChoice choice{.below = TRY(path_asked(call.request, "below")),
                                      .after = TRY(path_asked(call.request, "after")),
                                      .limit = static_cast<std::size_t>(limit) +
                                               1};  // one more shows whether there is a next page
    std::vector<runtime::QueueReport> reports;
    context.loop.read_and_wait([&](const runtime::Core& core) {
        reports = runtime::report_queues(core.world(), choice, system_clock().now());
    });
    const bool more = std::ssize(reports) > limit;
    if (more) reports.pop_back();
    Json::Array queues;
    for (const runtime::QueueReport& report : reports) queues.push_back(queue_json(report));
    return answer(Json::Object{{"queues", std::move(queues)},
                               {"next", more ? Json(reports.back().queue.path) : Json()}});
}

Result<http::Response> describe_queue(Context& context, const Call& call) {
    const std::string& path = call.request.param("path");
    std::vector<runtime::QueueReport> reports;
    Version version;
    context.loop.read_and_wait([&](const runtime::Core& core) {
        reports = runtime::report_queues(core.world(), {.below = path, .after = {}, .limit = 1},
                                         system_clock().now());
        version = version_of_queue(core.state(), path);
    });
    if (!reports.empty() && reports.front().queue.path == path)
        return tagged(call.request, answer(queue_json(reports.front())), version);
    return not_found("queue_unknown", "nobody has described the queue \"" + path.substr(0, 200) +
                                          "\", and no job is in it; GET /v1/queues lists those "
                                          "that are there");
}

void set_queue(const ContextPtr& context, Call call, const http::Responder& responder) {
    auto command = setting(call);
    if (!command) return refuse_call(*context, call.caller, responder, command.error());
    auto only_if = precondition_of(call);
    if (!only_if) return refuse_call(*context, call.caller, responder, only_if.error());
    commit(context, call.caller, *std::move(command), responder, *std::move(only_if));
}

void remove_queue(const ContextPtr& context, Call call, const http::Responder& responder) {
    auto only_if = precondition_of(call);
    if (!only_if) return refuse_call(*context, call.caller, responder, only_if.error());
    commit(context, call.caller, control::RemoveQueue{.path = call.request.param("path")},
           responder, *std::move(only_if));
}

}  // namespace dayu::rest
