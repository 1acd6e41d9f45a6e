// Everything that can have happened. An event is a fact: it holds what was decided, never how, so that
// replay runs no decision again. Each names its fields once (base/fields.h); the journal and the
// watchers render them from that. The events of one subject stand in one file of events/;
// docs/checklist/add-an-event.md tells where a new one goes.
#pragma once

#include <string>
#include <variant>

#include "control/events/attempts.h"
#include "control/events/hooks.h"
#include "control/events/jobs.h"
#include "control/events/platform.h"
#include "control/events/queues.h"
#include "control/events/supply.h"

namespace dayu::control {

using AnyEvent =
    std::variant<Founded, TokenIssued, ChipDeclared, CenterDeclared, LeaseGranted, ContactLost,
                 ContactRestored, CenterFenced, ShapeDeclared, JobAccepted, CandidatesWeighed,
                 JobPlaced, AttemptAdvanced, UsageMetered, StopRequested, AttemptEnded, JobRequeued,
                 JobEnded, ArrayDeclared, ConditionsSet, JobHeld, JobReleased, SlotGiven,
                 DependencyMet, DependencyFailed, CenterDrained, CenterResumed, SecretSet,
                 SecretRemoved, SecretsGranted, TokenRevoked, OutageBegan, OutageEnded, HookSet,
                 HookRemoved, HookSuspended, HookResumed, SecretMissing, Restored, NodeExcluded,
                 NodeIncluded, QueueSet, QueueRemoved, DatasetSet, DatasetRemoved, CapacityClaimed,
                 ClaimDropped, PricesPublished>;

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
