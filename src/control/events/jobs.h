// The life of a job, from its acceptance to its end.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/money.h"
#include "base/time.h"
#include "model/attempt.h"
#include "model/ids.h"
#include "model/job.h"

namespace dayu::control {

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
    Priority priority = Priority::normal;
    std::optional<Duration> handicap{};  // it is ranked as if it had come later by so much
    static constexpr auto fields() {
        return field_list(Field{"job", &JobAccepted::job}, Field{"name", &JobAccepted::name},
                          Field{"shape", &JobAccepted::shape}, Field{"body", &JobAccepted::body},
                          Field{"idempotency_key", &JobAccepted::idempotency_key},
                          Field{"request", &JobAccepted::request},
                          Field{"workdir", &JobAccepted::workdir},
                          Field{"priority", &JobAccepted::priority},
                          Field{"handicap_ms", &JobAccepted::handicap});
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

// A secret that the job names was removed after the submit, so that nothing can start it: its end follows.
struct SecretMissing {
    static constexpr std::string_view type = "secret_missing";
    JobId job;
    std::string name;
    static constexpr auto fields() {
        return field_list(Field{"job", &SecretMissing::job}, Field{"name", &SecretMissing::name});
    }
};

}  // namespace dayu::control
