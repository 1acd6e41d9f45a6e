// Waiting for a job, and what its end means for the exit code of a verb.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "base/time.h"
#include "dayu/connection.h"
#include "wire/json.h"

namespace dayu::app {

inline constexpr int exit_wait_ran_out = 124;

// The job's own code, 128 + signal when it was killed, and 1 when the platform ended it.
int exit_code_of(const wire::Json& job);

// The job as it is at its end, or nothing when the time ran out first. A server that is away for a while
// is waited for too.
Result<std::optional<wire::Json>> wait_for_end(Connection& connection, std::int64_t id,
                                               std::optional<Duration> timeout);

// Sleeps, for back-offs between two tries.
void pause(Duration duration);

}  // namespace dayu::app
