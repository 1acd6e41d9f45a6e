// Everything that can have happened. An event is a fact: it holds what was decided, never how, so that
// replay runs no decision again. Each names its fields once (base/fields.h); the journal and the
// watchers render them from that. docs/checklist/add-an-event.md tells where a new one goes.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/fields.h"
#include "base/money.h"
#include "base/time.h"
#include "model/attempt.h"
#include "model/center.h"
#include "model/chip.h"
#include "model/hook.h"
#include "model/job.h"
#include "model/offer.h"

namespace dayu::control {

// The first entry: this Dayu exists. `cluster` is random and stands in every fencing token.
struct Founded {
    static constexpr std::string_view type = "founded";
    std::string cluster;
    static constexpr auto fields() { return field_list(Field{"cluster", &Founded::cluster}); }
};

// What each may do is a table in rest/access.h.
enum class Role : std::uint8_t { operator_, agent, user, viewer };
constexpr auto enum_names(Type<Role>) {
    return std::array<std::string_view, 4>{"operator", "agent", "user", "viewer"};
}

// A bearer token may be used from now on. Only its hash is ever written.
struct TokenIssued {
    static constexpr std::string_view type = "token_issued";
    std::string name;
    Role role = Role::operator_;
    std::string sha256;                // hex
    std::optional<Time> expires;       // never
    std::vector<std::string> centers;  // that an agent may speak for; empty: all
    static constexpr auto fields() {
        return field_list(Field{"name", &TokenIssued::name}, Field{"role", &TokenIssued::role},
                          Field{"sha256", &TokenIssued::sha256},
                          Field{"expires", &TokenIssued::expires},
                          Field{"centers", &TokenIssued::centers});
    }
};

// From now on it opens nothing.
struct TokenRevoked {
    static constexpr std::string_view type = "token_revoked";
    std::string name;
    std::string sha256;  // hex
    static constexpr auto fields() {
        return field_list(Field{"name", &TokenRevoked::name},
                          Field{"sha256", &TokenRevoked::sha256});
    }
};

struct ChipDeclared {
    static constexpr std::string_view type = "chip_declared";
    Chip chip;
    static constexpr auto fields() { return field_list(Field{"chip", &ChipDeclared::chip}); }
};

// A centre joined, or changed what it declares.
struct CenterDeclared {
    static constexpr std::string_view type = "center_declared";
    CenterId id;
    Center center;
    static constexpr auto fields() {
        return field_list(Field{"id", &CenterDeclared::id},
                          Field{"center", &CenterDeclared::center});
    }
};

// This installation of an agent holds the right to start attempts at the centre. Renewals are not
// journaled; the right itself changes hands only by fencing.
struct LeaseGranted {
    static constexpr std::string_view type = "lease_granted";
    CenterId center;
    std::string agent;
    std::string installation;
    static constexpr auto fields() {
        return field_list(Field{"center", &LeaseGranted::center},
                          Field{"agent", &LeaseGranted::agent},
                          Field{"installation", &LeaseGranted::installation});
    }
};

// Not a failure: its attempts go on and show CONTACT_LOST until it is back.
struct ContactLost {
    static constexpr std::string_view type = "contact_lost";
    CenterId center;
    static constexpr auto fields() { return field_list(Field{"center", &ContactLost::center}); }
};

struct ContactRestored {
    static constexpr std::string_view type = "contact_restored";
    CenterId center;
    static constexpr auto fields() { return field_list(Field{"center", &ContactRestored::center}); }
};

// An operator declared that nothing of this centre runs any more; whoever held its lease has lost it.
struct CenterFenced {
    static constexpr std::string_view type = "center_fenced";
    CenterId center;
    std::string reason;
    static constexpr auto fields() {
        return field_list(Field{"center", &CenterFenced::center},
                          Field{"reason", &CenterFenced::reason});
    }
};

// An operator wants no new attempts at this centre; what runs there goes on.
struct CenterDrained {
    static constexpr std::string_view type = "center_drained";
    CenterId center;
    std::string reason;
    static constexpr auto fields() {
        return field_list(Field{"center", &CenterDrained::center},
                          Field{"reason", &CenterDrained::reason});
    }
};

struct CenterResumed {
    static constexpr std::string_view type = "center_resumed";
    CenterId center;
    static constexpr auto fields() { return field_list(Field{"center", &CenterResumed::center}); }
};

// A node of a pool gets no new attempts until it is included again; what runs there goes on. `attempts`
// failed one after the other and brought it about (control/nodes.h); none: an operator did.
struct NodeExcluded {
    static constexpr std::string_view type = "node_excluded";
    CenterId center;
    std::string pool;
    std::int64_t node = 0;  // index in the pool
    std::string reason;
    std::vector<AttemptKey> attempts;
    static constexpr auto fields() {
        return field_list(Field{"center", &NodeExcluded::center},
                          Field{"pool", &NodeExcluded::pool}, Field{"node", &NodeExcluded::node},
                          Field{"reason", &NodeExcluded::reason},
                          Field{"attempts", &NodeExcluded::attempts});
    }
};

// An operator takes it back; what failed there before is forgotten.
struct NodeIncluded {
    static constexpr std::string_view type = "node_included";
    CenterId center;
    std::string pool;
    std::int64_t node = 0;
    std::string reason;
    static constexpr auto fields() {
        return field_list(Field{"center", &NodeIncluded::center},
                          Field{"pool", &NodeIncluded::pool}, Field{"node", &NodeIncluded::node},
                          Field{"reason", &NodeIncluded::reason});
    }
};

// A class of equal jobs was met for the first time; jobs refer to it.
struct ShapeDeclared {
    static constexpr std::string_view type = "shape_declared";
    ShapeId shape;
    JobSpec spec;
    static constexpr auto fields() {
        return field_list(Field{"shape", &ShapeDeclared::shape},
                          Field{"spec", &ShapeDeclared::spec});
    }
};

struct JobAccepted {
    static constexpr std::string_view type = "job_accepted";
    JobId job;
    std::string name;
    ShapeId shape;
    BodyRef body;
    std::string idempotency_key;  // 32 hex digits, of tenant, actor and key; empty: none was given
    std::string request;          // 32 hex digits, of what was asked: tells a repeat from a clash
    std::optional<std::string> workdir{};  // digest of its manifest: contents that must be kept
    static constexpr auto fields() {
        return field_list(Field{"job", &JobAccepted::job}, Field{"name", &JobAccepted::name},
                          Field{"shape", &JobAccepted::shape}, Field{"body", &JobAccepted::body},
                          Field{"idempotency_key", &JobAccepted::idempotency_key},
                          Field{"request", &JobAccepted::request},
                          Field{"workdir", &JobAccepted::workdir});
    }
};

// An array was submitted: its tasks are jobs of their own, with ids that follow each other from `array` on.
struct ArrayDeclared {
    static constexpr std::string_view type = "array_declared";
    JobId array;
    std::int64_t tasks = 0;
    std::int64_t at_most = 0;  // at the same time; 0: as many as there is room for
    static constexpr auto fields() {
        return field_list(Field{"array", &ArrayDeclared::array},
                          Field{"tasks", &ArrayDeclared::tasks},
                          Field{"at_most", &ArrayDeclared::at_most});
    }
};

// An end, or a start, that a job waits for.
struct Awaited {
    JobId job;                 // or an array
    bool whole_array = false;  // the end of its last task
    DependsOn on = DependsOn::success;

    auto operator<=>(const Awaited&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"job", &Awaited::job}, Field{"whole_array", &Awaited::whole_array},
                          Field{"on", &Awaited::on});
    }
};

// What a job that was just accepted waits for before it may be placed. Most wait for nothing and have
// no such entry.
struct ConditionsSet {
    static constexpr std::string_view type = "conditions_set";
    JobId job;
    bool held = false;
    Time not_before;
    Time deadline;  // 0: none
    std::vector<Awaited> awaits;
    JobId array;  // 0: none
    std::int64_t array_index = 0;
    bool awaits_slot = false;  // as many tasks of its array as may run at the same time come first
    static constexpr auto fields() {
        return field_list(Field{"job", &ConditionsSet::job}, Field{"held", &ConditionsSet::held},
                          Field{"not_before", &ConditionsSet::not_before},
                          Field{"deadline", &ConditionsSet::deadline},
                          Field{"awaits", &ConditionsSet::awaits},
                          Field{"array", &ConditionsSet::array},
                          Field{"array_index", &ConditionsSet::array_index},
                          Field{"awaits_slot", &ConditionsSet::awaits_slot});
    }
};

// PENDING -> HELD: not placed until it is released.
struct JobHeld {
    static constexpr std::string_view type = "job_held";
    JobId job;
    static constexpr auto fields() { return field_list(Field{"job", &JobHeld::job}); }
};

struct JobReleased {
    static constexpr std::string_view type = "job_released";
    JobId job;
    bool awaits_slot = false;
    static constexpr auto fields() {
        return field_list(Field{"job", &JobReleased::job},
                          Field{"awaits_slot", &JobReleased::awaits_slot});
    }
};

// A task of an array may run now: another of its array has ended or is held.
struct SlotGiven {
    static constexpr std::string_view type = "slot_given";
    JobId job;
    static constexpr auto fields() { return field_list(Field{"job", &SlotGiven::job}); }
};

struct DependencyMet {
    static constexpr std::string_view type = "dependency_met";
    JobId job;  // that waited
    Awaited awaited;
    static constexpr auto fields() {
        return field_list(Field{"job", &DependencyMet::job},
                          Field{"awaited", &DependencyMet::awaited});
    }
};

// It can never be met any more: the end of the job that waited follows.
struct DependencyFailed {
    static constexpr std::string_view type = "dependency_failed";
    JobId job;
    Awaited awaited;
    static constexpr auto fields() {
        return field_list(Field{"job", &DependencyFailed::job},
                          Field{"awaited", &DependencyFailed::awaited});
    }
};

// One table per class and round; the placements that follow point at its sequence number.
struct CandidatesWeighed {
    static constexpr std::string_view type = "candidates_weighed";
    CandidateTable table;
    static constexpr auto fields() { return field_list(Field{"table", &CandidatesWeighed::table}); }
};

// The intent: from here on the job has a live attempt. No engine is called before this is on disk.
// `price_at_most` is what a hold of the ledger will cover; it and what follows are for the whole time
// limit, and what is billed and accounted is the share of it that ran.
struct JobPlaced {
    static constexpr std::string_view type = "job_placed";
    AttemptKey attempt;
    Seq table;
    std::int64_t candidate = 0;  // index in the table
    CenterId center;
    std::string pool;
    VariantIndex variant{};  // which of the job's was placed
    std::vector<NodeShare> nodes;
    Money price_at_most;
    std::int64_t energy_mwh_at_most = 0;
    std::int64_t carbon_mg_at_most = 0;
    static constexpr auto fields() {
        return field_list(Field{"attempt", &JobPlaced::attempt}, Field{"table", &JobPlaced::table},
                          Field{"candidate", &JobPlaced::candidate},
                          Field{"center", &JobPlaced::center}, Field{"pool", &JobPlaced::pool},
                          Field{"variant", &JobPlaced::variant}, Field{"nodes", &JobPlaced::nodes},
                          Field{"price_at_most", &JobPlaced::price_at_most},
                          Field{"energy_mwh_at_most", &JobPlaced::energy_mwh_at_most},
                          Field{"carbon_mg_at_most", &JobPlaced::carbon_mg_at_most});
    }
};

// The engine reported a step forward; `observed` is its own time.
struct AttemptAdvanced {
    static constexpr std::string_view type = "attempt_advanced";
    AttemptKey attempt;
    AttemptState state = AttemptState::planned;
    Time observed;
    static constexpr auto fields() {
        return field_list(Field{"attempt", &AttemptAdvanced::attempt},
                          Field{"state", &AttemptAdvanced::state},
                          Field{"observed", &AttemptAdvanced::observed});
    }
};

struct UsageMetered {
    static constexpr std::string_view type = "usage_metered";
    AttemptKey attempt;
    UsageWindow window;
    static constexpr auto fields() {
        return field_list(Field{"attempt", &UsageMetered::attempt},
                          Field{"window", &UsageMetered::window});
    }
};

// The platform wants the attempt to end; it is live until its end is reported.
struct StopRequested {
    static constexpr std::string_view type = "stop_requested";
    AttemptKey attempt;
    EndCause cause = EndCause::cancelled;
    static constexpr auto fields() {
        return field_list(Field{"attempt", &StopRequested::attempt},
                          Field{"cause", &StopRequested::cause});
    }
};

// The attempt is over, whatever anyone reports later. `cost` is what it is billed: nothing when the
// platform or the centre ended it.
struct AttemptEnded {
    static constexpr std::string_view type = "attempt_ended";
    AttemptKey attempt;
    Ending ending;
    Money cost;
    std::int64_t energy_mwh = 0;
    std::int64_t carbon_mg = 0;
    static constexpr auto fields() {
        return field_list(
            Field{"attempt", &AttemptEnded::attempt}, Field{"ending", &AttemptEnded::ending},
            Field{"cost", &AttemptEnded::cost}, Field{"energy_mwh", &AttemptEnded::energy_mwh},
            Field{"carbon_mg", &AttemptEnded::carbon_mg});
    }
};

// ACTIVE -> PENDING: it will be placed anew, not before `not_before`.
struct JobRequeued {
    static constexpr std::string_view type = "job_requeued";
    JobId job;
    EndCause cause = EndCause::exited;
    Time not_before;
    bool counts_as_retry = false;
    static constexpr auto fields() {
        return field_list(Field{"job", &JobRequeued::job}, Field{"cause", &JobRequeued::cause},
                          Field{"not_before", &JobRequeued::not_before},
                          Field{"counts_as_retry", &JobRequeued::counts_as_retry});
    }
};

// Terminal is terminal: the job leaves State, its history stays in the journal.
struct JobEnded {
    static constexpr std::string_view type = "job_ended";
    JobId job;
    JobState state = JobState::completed;
    std::int64_t code = 0;
    std::int64_t signal = 0;
    Money cost;  // over all attempts
    static constexpr auto fields() {
        return field_list(Field{"job", &JobEnded::job}, Field{"state", &JobEnded::state},
                          Field{"code", &JobEnded::code}, Field{"signal", &JobEnded::signal},
                          Field{"cost", &JobEnded::cost});
    }
};

// A secret of a project has a value from now on, or another one. The value itself is sealed in a file
// beside the journal, under the name `sealed`.
struct SecretSet {
    static constexpr std::string_view type = "secret_set";
    std::string name;
    std::string sealed;
    static constexpr auto fields() {
        return field_list(Field{"name", &SecretSet::name}, Field{"sealed", &SecretSet::sealed});
    }
};

struct SecretRemoved {
    static constexpr std::string_view type = "secret_removed";
    std::string name;
    static constexpr auto fields() { return field_list(Field{"name", &SecretRemoved::name}); }
};

// From now on the agent of the attempt's centre may be given the values of these secrets, for it alone.
struct SecretsGranted {
    static constexpr std::string_view type = "secrets_granted";
    AttemptKey attempt;
    CenterId center;
    std::vector<std::string> names;
    static constexpr auto fields() {
        return field_list(Field{"attempt", &SecretsGranted::attempt},
                          Field{"center", &SecretsGranted::center},
                          Field{"names", &SecretsGranted::names});
    }
};

// Contact with a centre has been lost for so long that someone should look at it; ContactLost alone may
// be a short stutter of the line. `since` is when it was lost.
struct OutageBegan {
    static constexpr std::string_view type = "outage_began";
    CenterId center;
    Time since;
    static constexpr auto fields() {
        return field_list(Field{"center", &OutageBegan::center},
                          Field{"since", &OutageBegan::since});
    }
};

// Contact is back, and has been steady since. `since` is when the outage began.
struct OutageEnded {
    static constexpr std::string_view type = "outage_ended";
    CenterId center;
    Time since;
    static constexpr auto fields() {
        return field_list(Field{"center", &OutageEnded::center},
                          Field{"since", &OutageEnded::since});
    }
};

// The project's hook of that name is this one from now on, and told of what happens from here on. Its
// address and secret are sealed in a file beside the journal, under the name `sealed`.
struct HookSet {
    static constexpr std::string_view type = "hook_set";
    Hook hook;
    std::string sealed;
    static constexpr auto fields() {
        return field_list(Field{"hook", &HookSet::hook}, Field{"sealed", &HookSet::sealed});
    }
};

struct HookRemoved {
    static constexpr std::string_view type = "hook_removed";
    std::string name;
    static constexpr auto fields() { return field_list(Field{"name", &HookRemoved::name}); }
};

// It is told of nothing until it is resumed; what happens meanwhile it never hears.
struct HookSuspended {
    static constexpr std::string_view type = "hook_suspended";
    std::string name;
    HookTrouble trouble = HookTrouble::failing;
    static constexpr auto fields() {
        return field_list(Field{"name", &HookSuspended::name},
                          Field{"trouble", &HookSuspended::trouble});
    }
};

struct HookResumed {
    static constexpr std::string_view type = "hook_resumed";
    std::string name;
    static constexpr auto fields() { return field_list(Field{"name", &HookResumed::name}); }
};

// A secret that the job names was removed after the submit, so that nothing can start it: its end follows.
struct SecretMissing {
    static constexpr std::string_view type = "secret_missing";
    JobId job;
    std::string name;
    static constexpr auto fields() {
        return field_list(Field{"job", &SecretMissing::job}, Field{"name", &SecretMissing::name});
    }
};

// This journal was restored from a backup, and what had happened after it is not known here. The numbers that
// may have been given in that time are not given again: jobs go on behind `jobs_through`, and jobs that the
// backup knew skip `attempts_skipped` numbers of attempts, which makes old fencing tokens worthless.
struct Restored {
    static constexpr std::string_view type = "restored";
    Seq backup;        // its last entry, and
    std::string hash;  // of that entry
    Time made;         // the backup
    JobId jobs_through;
    std::int64_t attempts_skipped = 0;
    static constexpr auto fields() {
        return field_list(Field{"backup", &Restored::backup}, Field{"hash", &Restored::hash},
                          Field{"made", &Restored::made},
                          Field{"jobs_through", &Restored::jobs_through},
                          Field{"attempts_skipped", &Restored::attempts_skipped});
    }
};

using AnyEvent = std::variant<
    Founded, TokenIssued, ChipDeclared, CenterDeclared, LeaseGranted, ContactLost, ContactRestored,
    CenterFenced, ShapeDeclared, JobAccepted, CandidatesWeighed, JobPlaced, AttemptAdvanced,
    UsageMetered, StopRequested, AttemptEnded, JobRequeued, JobEnded, ArrayDeclared, ConditionsSet,
    JobHeld, JobReleased, SlotGiven, DependencyMet, DependencyFailed, CenterDrained, CenterResumed,
    SecretSet, SecretRemoved, SecretsGranted, TokenRevoked, OutageBegan, OutageEnded, HookSet,
    HookRemoved, HookSuspended, HookResumed, SecretMissing, Restored, NodeExcluded, NodeIncluded>;

// One of them. Its copy, move and end stand in event.cpp: made anew in each unit, they are a third of its compile time.
struct Event : AnyEvent {
    using AnyEvent::AnyEvent;
    Event(const Event&);
    Event(Event&&) noexcept;
    Event& operator=(const Event&);
    Event& operator=(Event&&) noexcept;
    ~Event();
};

// The job that an event concerns; 0: none.
JobId job_of(const Event& event);

// What stands on every entry beside the event.
struct EventMeta {
    Seq seq;
    Time at;
    Scope scope;
    std::string actor;  // "token:NAME", "agent:NAME", "scheduler", "system"

    bool operator==(const EventMeta&) const = default;
};

struct RecordedEvent {
    EventMeta meta;
    Event event;
};

}  // namespace dayu::control
