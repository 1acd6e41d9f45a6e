// How centres are: what their agents last said, and what the server saw of them. It is kept in memory, for
// people and for metrics; nothing is decided by it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "control/state.h"
#include "model/health.h"

namespace dayu::runtime {

class Core;

inline constexpr Duration failed_starts_window = seconds(3600);

class Health {
   public:
    void hear(CenterId center, const std::optional<AgentHealth>& told);
    void count_failed_start(CenterId center, Instant now);

    const AgentHealth* told_of(CenterId center) const;  // nullptr: nothing, or by an older agent
    std::int64_t failed_starts(CenterId center, Instant now) const;  // in the window, up to a limit

   private:
    std::map<CenterId, AgentHealth> told_;
    std::map<CenterId, std::deque<Instant>> failed_starts_;
};

// One centre, copied out for whoever shows it.
struct CenterSight {
    control::CenterRow row;
    std::optional<Duration> silent;  // since its agent was heard; none: no agent holds its lease
    std::optional<AgentHealth> told;
    std::int64_t failed_starts = 0;
    std::vector<std::pair<control::NodeKey, control::NodeRow>> nodes;  // those of which State tells
    std::int64_t failures_borne = 0;  // in a row, before a node is excluded; 0: it never is
};
CenterSight see_center(const Core& core, CenterId center);

// What to look at, in words: "disk 96 % full on /var/lib/dayu". Empty: all is well.
std::vector<std::string> warnings_of(const CenterSight& sight, std::string_view server_version);

}  // namespace dayu::runtime
