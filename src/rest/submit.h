// From a job file in a request to a command for the loop.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/job.h"
#include "rest/context.h"
#include "wire/any_job_file.h"
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
// Reads the job file; what of another system's file has no counterpart may refuse it.
Result<wire::ReadJob> read_job(const Known& known, std::string_view job_file);

// What tells two requests of one caller apart, and as what a client has uploaded the job's workdir.
struct SubmitWords {
    std::string_view key = {};
    std::string_view workdir = {};  // the manifest's digest
};
// Looks after the contents of a workdir on disk, and belongs on a worker where the job has one.
Result<Submission> prepare(Context& context, const Caller& caller, wire::ReadJob job,
                           const SubmitWords& words);

// What came of it.
std::string submitted_json(const Submission& submission, const runtime::Answer& done);

// JSON or YAML, by what the Content-Type says: else `media_type_unsupported`.
Result<void> check_media_type(const http::Request& request);

}  // namespace dayu::rest
