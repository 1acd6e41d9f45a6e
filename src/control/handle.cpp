#include "control/handle.h"

#include <algorithm>

#include "base/nearest.h"
#include "control/handlers/handlers.h"

namespace dayu::control {
namespace {

Result<Events> found(const State& state, const Found& command) {
    if (!state.header.cluster.empty())
        return conflict("already_founded", "this journal has begun already");
    return Events{Founded{.cluster = command.cluster}};
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

Result<Events> drain_center(const State& state, const DrainCenter& command) {
    const auto id = find_center(state, command.center);
    if (!id) return no_such_center(state, command.center);
    const CenterRow& row = state.centers.at(*id);
    if (row.drained && row.drain_reason == command.reason) return Events{};
    return Events{CenterDrained{.center = *id, .reason = command.reason}};
}

Result<Events> resume_center(const State& state, const ResumeCenter& command) {
    const auto id = find_center(state, command.center);
    if (!id) return no_such_center(state, command.center);
    if (!state.centers.at(*id).drained) return Events{};
    return Events{CenterResumed{.center = *id}};
}

struct Handle {
    const State& state;
    const Actor& actor;
    Time now;

    Result<Events> operator()(const Found& command) const { return found(state, command); }
    Result<Events> operator()(const IssueToken& command) const {
        return issue_token(state, command, now);
    }
    Result<Events> operator()(const RevokeToken& command) const {
        return revoke_token(state, command);
    }
    Result<Events> operator()(const DeclareChips& command) const {
        return declare_chips(state, command);
    }
    Result<Events> operator()(const SubmitJob& command) const {
        return submit_job(state, command, actor, now);
    }
    Result<Events> operator()(const ChangeJob& command) const { return change_job(state, command); }
    Result<Events> operator()(const ChangeArray& command) const {
        return change_array(state, command);
    }
    Result<Events> operator()(const ExpireJob& command) const {
        return expire_job(state, command, now);
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
    Result<Events> operator()(const DrainCenter& command) const {
        return drain_center(state, command);
    }
    Result<Events> operator()(const ResumeCenter& command) const {
        return resume_center(state, command);
    }
    Result<Events> operator()(const ExcludeNode& command) const {
        return exclude_node(state, command);
    }
    Result<Events> operator()(const IncludeNode& command) const {
        return include_node(state, command);
    }
    Result<Events> operator()(const CommitDecision& command) const {
        return commit_decision(state, command, now);
    }
    Result<Events> operator()(const SetSecret& command) const {
        return set_secret(state, command, actor);
    }
    Result<Events> operator()(const RemoveSecret& command) const {
        return remove_secret(state, command, actor);
    }
    Result<Events> operator()(const JudgeOutage& command) const {
        return judge_outage(state, command, now);
    }
    Result<Events> operator()(const SetHook& command) const {
        return set_hook(state, command, actor);
    }
    Result<Events> operator()(const RemoveHook& command) const {
        return remove_hook(state, command, actor);
    }
    Result<Events> operator()(const SuspendHook& command) const {
        return suspend_hook(state, command, actor);
    }
    Result<Events> operator()(const ResumeHook& command) const {
        return resume_hook(state, command, actor);
    }
    Result<Events> operator()(const ClaimCapacity& command) const {
        return claim_capacity(state, command, now);
    }
    Result<Events> operator()(const DropClaim& command) const { return drop_claim(state, command); }
    Result<Events> operator()(const SetQueue& command) const { return set_queue(state, command); }
    Result<Events> operator()(const RemoveQueue& command) const {
        return remove_queue(state, command);
    }
    Result<Events> operator()(const SetDataset& command) const {
        return set_dataset(state, command);
    }
    Result<Events> operator()(const RemoveDataset& command) const {
        return remove_dataset(state, command);
    }
    Result<Events> operator()(const PublishPrices& command) const {
        return publish_prices(command);
    }
    Result<Events> operator()(const NoteRestore& command) const {
        return note_restore(state, command, now);
    }
};

}  // namespace

Error no_such_center(const State& state, const std::string& name) {
    std::vector<std::string_view> names;
    for (const auto& [id, row] : state.centers.rows()) names.push_back(row.center.name);
    const std::string_view near = nearest(name, names);
    return not_found("center_unknown",
                     "there is no centre \"" + name + "\"" +
                         (near.empty() ? "" : "; did you mean \"" + std::string(near) + "\"?"));
}

Result<Events> handle(const State& state, const Command& command, const Actor& actor, Time now) {
    return std::visit(Handle{state, actor, std::max(now, state.header.last_at)}, command);
}

}  // namespace dayu::control
