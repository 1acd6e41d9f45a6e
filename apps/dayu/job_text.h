// A job file as verbs take it: from a file or stdin, its size looked at before it is read.
#pragma once

#include "base/result.h"
#include "dayu/connection.h"

namespace dayu::app {

// With the content of the config.json that its `model` may name, from where the job file lies.
Result<std::string> read_job_text(const std::string& path);

// POST of a job file. `path` is /v1/offers or /v1/jobs, with its query. What in a file of Kubernetes or Slurm
// has no counterpart is told on stderr.
Result<wire::Json> post_job(Connection& connection, const std::string& path, const std::string& job,
                            http::NamedValues headers = {});

// Whether an answer of /v1/offers lists something for which a submit would be refused.
bool would_be_refused(const wire::Json& offers);

}  // namespace dayu::app
