// Sends a job file to the server as `dayu submit` and `dayu run` do it. The idempotency key stays the same
// over all tries, so that a flaky network never makes two jobs of one.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "dayu/connection.h"
#include "dayu/verb.h"
#include "dayu/workdir.h"

namespace dayu::app {

struct Submission {
    std::string text;               // the job file
    std::string file;               // where it lies; its workdir is named from there
    std::string key;                // empty: a random one
    std::string retry_for = "30s";  // while the server is away
};

// The options of every verb that submits.
std::vector<Option> submission_options(Submission& submission);

// The workdir that the job file names, as it lies here; nothing where it names none.
Result<std::optional<LocalWorkdir>> workdir_of(const Submission& submission);

// Uploads the workdir, and submits. The server's answer, with `id` and `name`.
Result<wire::Json> submit(Connection& connection, const Submission& submission);

}  // namespace dayu::app
