// Where an attempt is or was: whom to ask for its log and its files.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "model/attempt.h"
#include "runtime/core.h"

namespace dayu::runtime {

struct AttemptPlace {
    AttemptKey attempt;
    Token token;
    std::string center;
    std::string installation;  // of the agent that speaks for it
};

// The attempt of that number, or the latest (0). `what` is wanted of it: "this log".
Result<AttemptPlace> find_attempt(const Core& core, JobId job, std::int64_t number,
                                  const std::string& what);

}  // namespace dayu::runtime
