// Brings a workdir to the server: what it does not have yet, and from where an earlier try broke off.
#pragma once

#include "base/result.h"
#include "dayu/connection.h"
#include "dayu/workdir.h"

namespace dayu::app {

// Goes on for `retry_for` after the last byte that arrived while the server is away.
Result<void> upload(Connection& connection, const LocalWorkdir& workdir, Duration retry_for);

}  // namespace dayu::app
