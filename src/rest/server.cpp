// GET /v1/server: what an operator wants to know of the server itself.
#include <utility>

#include "rest/answer.h"
#include "rest/job_json.h"
#include "rest/resources.h"

namespace dayu::rest {
namespace {

using wire::Json;

Json certificate_json(const http::CertificateFiles::Status& status) {
    Json::Array names(status.names.begin(), status.names.end());
    return Json::Object{{"serial", status.serial},
                        {"names", std::move(names)},
                        {"begins", time_json(status.begins)},
                        {"ends", time_json(status.ends)},
                        {"refused", status.refused.empty() ? Json() : Json(status.refused)}};
}

}  // namespace

Result<http::Response> describe_server(Context& context, const Call&) {
    const http::CertificateFiles* certificate = context.certificate.get();
    return answer(Json::Object{
        {"version", context.version},
        {"certificate", certificate == nullptr ? Json() : certificate_json(certificate->status())},
    });
}

}  // namespace dayu::rest
