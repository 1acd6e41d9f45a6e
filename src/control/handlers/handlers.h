// handle() by subject; private to control.
#pragma once

#include "control/handle.h"

namespace dayu::control {

Result<Events> issue_token(const State& state, const IssueToken& command, Time now);
Result<Events> revoke_token(const State& state, const RevokeToken& command);
Result<Events> submit_job(const State& state, const SubmitJob& command, const Actor& actor,
                          Time now);
Result<Events> change_job(const State& state, const ChangeJob& command);
Result<Events> change_array(const State& state, const ChangeArray& command);
Result<Events> expire_job(const State& state, const ExpireJob& command, Time now);
Result<Events> sync_agent(const State& state, const SyncAgent& command, Time now);
Result<Events> move_attempt(const State& state, const MoveAttempt& command, Time now);
Result<Events> fence_center(const State& state, const FenceCenter& command, Time now);
Result<Events> exclude_node(const State& state, const ExcludeNode& command);
Result<Events> include_node(const State& state, const IncludeNode& command);
Result<Events> commit_decision(const State& state, const CommitDecision& command, Time now);
Result<Events> set_secret(const State& state, const SetSecret& command, const Actor& actor);
Result<Events> note_restore(const State& state, const NoteRestore& command, Time now);
Result<Events> remove_secret(const State& state, const RemoveSecret& command, const Actor& actor);
Result<Events> judge_outage(const State& state, const JudgeOutage& command, Time now);
Result<Events> set_hook(const State& state, const SetHook& command, const Actor& actor);
Result<Events> remove_hook(const State& state, const RemoveHook& command, const Actor& actor);
Result<Events> suspend_hook(const State& state, const SuspendHook& command, const Actor& actor);
Result<Events> resume_hook(const State& state, const ResumeHook& command, const Actor& actor);
Result<Events> claim_capacity(const State& state, const ClaimCapacity& command, Time now);
Result<Events> drop_claim(const State& state, const DropClaim& command);
Result<Events> set_queue(const State& state, const SetQueue& command);
Result<Events> remove_queue(const State& state, const RemoveQueue& command);
Result<Events> set_dataset(const State& state, const SetDataset& command);
Result<Events> remove_dataset(const State& state, const RemoveDataset& command);
Result<Events> publish_prices(const PublishPrices& command);

// Takes new attempts.
bool is_open(const CenterRow& center);

// Every name is a secret of the project, or the error that names the first that is not.
Result<void> check_secrets(const State& state, const Scope& scope,
                           const std::vector<std::string>& names);

// A dataset that nobody has described needs its bytes, or none would be known to move.
Result<void> check_inputs(const State& state, const std::vector<DataInput>& inputs);

// What follows from the end of a live attempt: its bill, and whether the job ends or is placed anew.
void append_ending(const State& state, JobId job, Ending ending, Time now, Events& events);

// "job 41", as errors name it.
std::string job_text(JobId job);

// With what to do where the number fell away with a restore.
Error no_such_job(const State& state, JobId job);

// With the nearest name that there is.
Error no_such_center(const State& state, const std::string& name);

}  // namespace dayu::control
