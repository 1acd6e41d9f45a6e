// A job file as verbs take it: from a file or stdin, its size looked at before it is read.
#pragma once

#include "base/result.h"
#include "dayu/connection.h"

namespace dayu::app {

Result<std::string> read_job_text(const std::string& path);

// POST of a job file. `path` is /v1/offers or /v1/jobs, with its query.
Result<wire::Json> post_job(Connection& connection, const std::string& path,
                            const std::string& text, http::NamedValues headers = {});

}  // namespace dayu::app
