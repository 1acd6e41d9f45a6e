// Starting a shim, and talking to one that runs.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "engine/process/attempt_files.h"

namespace dayu::engine {

// Starts a shim over a claimed attempt and waits until it holds the attempt's lock. An error means that
// no shim was started. One that was started and died, or is slow, is no error: its attempt has a claim,
// and its lock and its exit record tell the rest.
// `secrets` are variables that the job alone is to see.
Result<void> spawn_shim(const std::string& shim, const AttemptFiles& files,
                        const std::vector<std::string>& secrets);

// Tells the shim to look for a stop request now. It would look by itself within a second.
void poke_shim(const AttemptFiles& files);

}  // namespace dayu::engine
