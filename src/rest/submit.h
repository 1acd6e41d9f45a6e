// From a job file in a request to a command for the loop.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/job.h"
#include "rest/context.h"
#include "wire/unmapped.h"

namespace dayu::rest {

// The header Idempotency-Key, or "" when there is none.
Result<std::string> idempotency_key(const http::Request& request);

struct Submission {
    std::string name;
    std::vector<wire::Unmapped> unmapped;
    runtime::Request request;

    control::SubmitJob& command() { return std::get<control::SubmitJob>(request.command); }
};
Result<Submission> prepare(Context& context, const Known& known, const Caller& caller,
                           std::string_view job_file, std::string_view key);

// What came of it.
std::string submitted_json(const Submission& submission, const runtime::Answer& done);

// JSON or YAML, by what the Content-Type says: else `media_type_unsupported`.
Result<void> check_media_type(const http::Request& request);

}  // namespace dayu::rest
