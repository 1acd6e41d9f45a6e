// When lost contact becomes an outage that people are told of. A line that stutters is lost and back every
// minute; so both the beginning and the end must have lasted a while, the end longer.
#include "control/handlers/handlers.h"

namespace dayu::control {
namespace {

constexpr Duration outage_after = seconds(20);  // contact is lost only after a lease's silence
constexpr Duration outage_over_after = seconds(120);  // of steady contact

// A centre that was fenced is out of contact because someone said so.
bool is_unexpectedly_lost(const CenterRow& row) {
    return row.contact_lost && !row.installation.empty();
}

}  // namespace

bool is_outage_due(const CenterRow& row, Time now) {
    const Duration steady = now - row.contact_changed;
    if (row.outage_since.ms == 0) return is_unexpectedly_lost(row) && steady >= outage_after;
    return !row.contact_lost && steady >= outage_over_after;
}

Result<Events> judge_outage(const State& state, const JudgeOutage& command, Time now) {
    const CenterRow* row = state.centers.find(command.center);
    if (row == nullptr || !is_outage_due(*row, now)) return Events{};
    if (row->outage_since.ms == 0)
        return Events{OutageBegan{.center = command.center, .since = row->contact_changed}};
    return Events{OutageEnded{.center = command.center, .since = row->outage_since}};
}

}  // namespace dayu::control
