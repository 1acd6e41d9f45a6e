// Sends a job file to the server as `dayu submit` and `dayu run` do it. The idempotency key stays the same
// over all tries, so that a flaky network never makes two jobs of one.
#pragma once

#include <string>

#include "base/result.h"
#include "dayu/connection.h"
#include "dayu/verb.h"

namespace dayu::app {

struct Submission {
    std::string text;               // the job file
    std::string key;                // empty: a random one
    std::string retry_for = "30s";  // while the server is away
};

// The options of every verb that submits.
std::vector<Option> submission_options(Submission& submission);

// The server's answer, with `id` and `name`.
Result<wire::Json> submit(Connection& connection, const Submission& submission);

}  // namespace dayu::app
