#include "control/handle.h"

#include <algorithm>

#include "control/handlers/handlers.h"

namespace dayu::control {
namespace {

Result<Events> found(const State& state, const Found& command) {
    if (!state.header.cluster.empty())
        return conflict("already_founded", "this journal has begun already");
    return Events{Founded{.cluster = command.cluster}};
}

Result<Events> issue_token(const State& state, const IssueToken& command) {
    if (state.tokens.contains(command.sha256)) return Events{};
    return Events{
        TokenIssued{.name = command.name, .role = command.role, .sha256 = command.sha256}};
}

Result<Events> declare_chips(const State& state, const DeclareChips& command) {
    Events events;
    for (const Chip& chip : command.chips) {
        const Chip* known = state.chips.find(chip.name);
        if (known == nullptr || *known != chip) events.push_back(ChipDeclared{.chip = chip});
    }
    return events;
}

Result<Events> report_silence(const State& state, const ReportSilence& command) {
    const CenterRow* row = state.centers.find(command.center);
    if (row == nullptr || row->contact_lost) return Events{};
    return Events{ContactLost{.center = command.center}};
}

struct Handle {
    const State& state;
    Time now;

    Result<Events> operator()(const Found& command) const { return found(state, command); }
    Result<Events> operator()(const IssueToken& command) const {
        return issue_token(state, command);
    }
    Result<Events> operator()(const DeclareChips& command) const {
        return declare_chips(state, command);
    }
    Result<Events> operator()(const SubmitJob& command) const { return submit_job(state, command); }
    Result<Events> operator()(const CancelJob& command) const {
        return cancel_job(state, command, now);
    }
    Result<Events> operator()(const SyncAgent& command) const {
        return sync_agent(state, command, now);
    }
    Result<Events> operator()(const ReportSilence& command) const {
        return report_silence(state, command);
    }
    Result<Events> operator()(const MoveAttempt& command) const {
        return move_attempt(state, command, now);
    }
    Result<Events> operator()(const FenceCenter& command) const {
        return fence_center(state, command, now);
    }
    Result<Events> operator()(const CommitDecision& command) const {
        return commit_decision(state, command, now);
    }
};

}  // namespace

Result<Events> handle(const State& state, const Command& command, const Actor&, Time now) {
    return std::visit(Handle{state, std::max(now, state.header.last_at)}, command);
}

}  // namespace dayu::control
