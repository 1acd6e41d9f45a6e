// What may be asked of the core. A command carries every value that its decision needs of the world:
// digests and references are made outside, random numbers too.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "control/event.h"
#include "model/agent_messages.h"
#include "sched/decide.h"

namespace dayu::control {

struct Found {
    std::string cluster;  // 16 hex digits, random
};

struct IssueToken {
    std::string name;
    Role role = Role::operator_;
    std::string sha256;  // hex
    std::optional<Time> expires;
    std::vector<std::string> centers;  // of an agent; empty: all
    bool is_name_new = false;          // a name that another token has is refused
};

struct RevokeToken {
    std::string token;  // its name, or the first digits of its hash
};

struct DeclareChips {
    std::vector<Chip> chips;
};

struct SubmitJob {
    std::string name;
    JobSpec spec;
    BodyRef body;
    std::string idempotency_key;  // 32 hex digits; empty: none
    std::string request;          // 32 hex digits
    Conditions conditions;
    // How those jobs and arrays of conditions.depends_on ended that have ended: they are not in State. An
    // array has COMPLETED when every task of it has. Indices of arrays are resolved: `job` is the task.
    std::map<JobId, JobState> ended;
    std::optional<std::string> workdir{};  // digest of its manifest, whose contents are all there
    Duration handicap{};                   // it is ranked as if it had come later by so much
    // Its project is that of the actor's scope.
};

enum class JobAction : std::uint8_t { cancel, hold, release, requeue };

struct ChangeJob {
    JobId job;
    JobAction action = JobAction::cancel;
};

// The same for every live task of an array.
struct ChangeArray {
    JobId array;
    JobAction action = JobAction::cancel;
};

// The deadline of the job has come.
struct ExpireJob {
    JobId job;
};

// The runtime has dropped what is older than the last request of this installation.
struct SyncAgent {
    SyncRequest request;
};

// Nothing was heard of the centre for longer than its lease.
struct ReportSilence {
    CenterId center;
};

// Contact with the centre has been as it is for a while: is it time to call it an outage, or over?
struct JudgeOutage {
    CenterId center;
};

// Contact was lost for longer than the job's move_after and the engine has fenced the attempt itself.
struct MoveAttempt {
    AttemptKey attempt;
};

struct FenceCenter {
    std::string center;
    std::string reason;
};

struct DrainCenter {
    std::string center;
    std::string reason;
};

struct ResumeCenter {
    std::string center;
};

// `node` is "POOL/NUMBER", or its number alone where the centre has one pool.
struct ExcludeNode {
    std::string center;
    std::string node;
    std::string reason;
};

struct IncludeNode {
    std::string center;
    std::string node;
    std::string reason;
};

// What a round decided for one class. Stale placements are dropped, each by itself.
struct CommitDecision {
    sched::ClassDecision decision;
};

// Capacity that a round wants for a waiting job, by stopping others. Refused whole when any of it is stale.
struct ClaimCapacity {
    sched::Claim claim;
};

// The claim of this job has outlived its time, its job was held, or its centre takes no jobs any more.
struct DropClaim {
    JobId job;
    ClaimEnd why = ClaimEnd::expired;
};

struct SetQueue {
    Queue queue;
};

struct RemoveQueue {
    std::string path;
};

struct SetDataset {
    Dataset dataset;
};

struct RemoveDataset {
    std::string name;
};

struct PublishPrices {
    PriceIndex index;
};

// The value was sealed under this name before, durably.
struct SetSecret {
    std::string name;
    std::string sealed;
};

struct RemoveSecret {
    std::string name;
};

// What the hook's address and secret were sealed under before, durably.
struct SetHook {
    Hook hook;
    std::string sealed;
};

struct RemoveHook {
    std::string name;
};

// By whoever delivers, which has found that of the hook that was sealed under this name.
struct SuspendHook {
    std::string name;
    std::string sealed;
    HookTrouble trouble = HookTrouble::failing;
};

struct ResumeHook {
    std::string name;
};

// The data folder was restored from a backup that ended with this entry. Once the journal has gone on behind it, the
// command has been heard already.
struct NoteRestore {
    Seq backup;
    std::string hash;
    Time made;
};

using Command = std::variant<Found, IssueToken, DeclareChips, SubmitJob, ChangeJob, ChangeArray,
                             ExpireJob, SyncAgent, ReportSilence, MoveAttempt, FenceCenter,
                             DrainCenter, ResumeCenter, ExcludeNode, IncludeNode, CommitDecision,
                             SetSecret, RemoveSecret, RevokeToken, JudgeOutage, SetHook, RemoveHook,
                             SuspendHook, ResumeHook, NoteRestore, ClaimCapacity, DropClaim,
                             SetQueue, RemoveQueue, SetDataset, RemoveDataset, PublishPrices>;

struct Actor {
    std::string name;  // "token:NAME", "agent:NAME", "scheduler", "system"
    Scope scope;
};

}  // namespace dayu::control
