// Looks at the machine that the agent runs on, and at its clock beside the server's: what goes up with each
// sync for whoever cares for the centre. What cannot be found out is absent; nothing fails by it.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "model/agent_messages.h"
#include "model/health.h"

namespace dayu::agent {

class Probe {
   public:
    Probe() = default;
    // `version` is the program's; `folders` are those that it works in.
    Probe(std::string version, std::vector<std::string> folders)
        : version_(std::move(version)), folders_(std::move(folders)) {}

    AgentHealth look() const;

    // `reply` arrived at `now`, `took` after its request was sent. The time that the server held it back is in
    // the reply, and so plays no part.
    void compare_clocks(const SyncReply& reply, Duration took, Time now);

   private:
    std::string version_;
    std::vector<std::string> folders_;
    std::optional<std::int64_t> clock_ahead_ms_;
    std::optional<std::int64_t> round_trip_ms_;
};

}  // namespace dayu::agent
