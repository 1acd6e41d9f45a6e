#include "notices/body.h"

#include "wire/json.h"

namespace dayu::notices {
namespace {

using wire::Json;

Json time_json(Time time) { return time.ms == 0 ? Json() : Json(to_string(time)); }

Json text_json(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json job_json(const journal::JobSummary& job) {
    return Json::Object{{"id", job.job.value},
                        {"name", job.name},
                        {"tenant", job.scope.tenant},
                        {"project", job.scope.project},
                        {"owner", job.owner},
                        {"state", to_string(job.state)},
                        {"code", job.code},
                        {"signal", job.signal},
                        {"cause", job.cause ? Json(to_string(*job.cause)) : Json()},
                        {"detail", text_json(job.detail)},
                        {"attempts", job.attempts},
                        {"center", text_json(job.center)},
                        {"array", job.array ? Json(job.array.value) : Json()},
                        {"array_index", job.array ? Json(job.array_index) : Json()},
                        {"submitted", time_json(job.submitted)},
                        {"started", time_json(job.started)},
                        {"ended", time_json(job.ended)},
                        {"cost", to_string(job.cost)},
                        {"path", "/v1/jobs/" + std::to_string(job.job.value)}};
}

Json center_json(const Notice& notice) {
    return Json::Object{{"name", notice.center},
                        {"title", notice.center_title},
                        {"since", time_json(notice.since)}};
}

}  // namespace

std::string webhook_body(const Notice& notice) {
    const bool of_job = is_of_job(notice.topic);
    const Json::Object data{{"seq", notice.seq.value},
                            {"test", notice.trial},
                            {"job", of_job ? job_json(notice.job) : Json()},
                            {"center", of_job ? Json() : center_json(notice)}};
    return wire::to_text(Json::Object{
        {"type", to_string(notice.topic)}, {"timestamp", to_string(notice.at)}, {"data", data}});
}

}  // namespace dayu::notices
