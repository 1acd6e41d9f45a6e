// One execution of a job at one centre. Its fencing token names it everywhere outside the core: in the
// agent's messages, in the engine, on the claim of its run directory.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/time.h"
#include "model/ids.h"

namespace dayu {

enum class AttemptState : std::uint8_t {
    planned,
    staging,
    dispatching,
    queued_remote,
    running,
    suspended,
    completing,
    ended,
};
constexpr auto enum_names(Type<AttemptState>) {
    return std::array<std::string_view, 8>{"PLANNED", "STAGING",   "DISPATCHING", "QUEUED_REMOTE",
                                           "RUNNING", "SUSPENDED", "COMPLETING",  "ENDED"};
}

// Why an attempt ended. Up to `oom` it ended by its own doing; the rest was brought about by the user,
// the platform or the centre.
enum class EndCause : std::uint8_t {
    exited,        // by itself, with a code or by a signal of its own
    time_limit,    // stopped at its time limit
    oom,           // killed for its memory
    cancelled,     // by the user
    start_failed,  // never ran: the engine could not start it
    node_failed,   // the machine or the shim went away
    fenced,        // an operator declared it dead
    moved,         // stopped by itself after contact was lost for longer than its job bears
    requeued,      // by the user, to be placed anew
    deadline,      // stopped at its job's deadline
    preempted,     // for a job with more right to the place
};
// The job's, and nobody else's: it ran as long as it does, or as it may.
constexpr bool is_own_doing(EndCause cause) {
    return cause == EndCause::exited || cause == EndCause::time_limit || cause == EndCause::oom;
}
constexpr auto enum_names(Type<EndCause>) {
    return std::array<std::string_view, 11>{"exited",       "time_limit",  "oom",      "cancelled",
                                            "start_failed", "node_failed", "fenced",   "moved",
                                            "requeued",     "deadline",    "preempted"};
}

// Cluster, job and attempt number; no two attempts of any Dayu share one. "5e3f09c1a2b4d687-41-2".
struct Token {
    std::string text;

    auto operator<=>(const Token&) const = default;
};

struct AttemptKey {
    JobId job;
    std::int64_t number = 0;  // from 1

    auto operator<=>(const AttemptKey&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"job", &AttemptKey::job}, Field{"number", &AttemptKey::number});
    }
};

Token make_token(std::string_view cluster, AttemptKey key);
// The key inside a token of this cluster; nothing for a foreign or malformed one.
std::optional<AttemptKey> parse_token(std::string_view cluster, const Token& token);

// Part of one node that an attempt occupies.
struct NodeShare {
    std::int64_t node = 0;  // index in its pool
    std::int64_t chips_milli = 0;
    std::int64_t cpus = 0;
    std::int64_t memory_mib = 0;

    bool operator==(const NodeShare&) const = default;
    static constexpr auto fields() {
        return field_list(
            Field{"node", &NodeShare::node}, Field{"chips_milli", &NodeShare::chips_milli},
            Field{"cpus", &NodeShare::cpus}, Field{"memory_mib", &NodeShare::memory_mib});
    }
};

// What an attempt has used so far, as its engine measured it.
struct Usage {
    std::int64_t cpu_ms = 0;
    std::int64_t peak_memory_mib = 0;

    bool operator==(const Usage&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"cpu_ms", &Usage::cpu_ms},
                          Field{"peak_memory_mib", &Usage::peak_memory_mib});
    }
};

// A metering window: usage inside [from, to).
struct UsageWindow {
    Time from;
    Time to;
    Usage usage;

    bool operator==(const UsageWindow&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"from", &UsageWindow::from}, Field{"to", &UsageWindow::to},
                          Field{"usage", &UsageWindow::usage});
    }
};

// A file that the attempt left among its job's outputs.
struct OutputFile {
    std::string path;  // in the run directory
    std::int64_t bytes = 0;
    std::string sha256;  // hex

    bool operator==(const OutputFile&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"path", &OutputFile::path}, Field{"bytes", &OutputFile::bytes},
                          Field{"sha256", &OutputFile::sha256});
    }
};

// What an attempt said of its steps (DAYU_STEPS).
struct StepSummary {
    std::int64_t count = 0;
    std::int64_t median_us = 0;

    bool operator==(const StepSummary&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"count", &StepSummary::count},
                          Field{"median_us", &StepSummary::median_us});
    }
};

// How an attempt ended, in the engine's words and by the engine's clock.
struct Ending {
    EndCause cause = EndCause::exited;
    std::int64_t code = 0;    // exit code
    std::int64_t signal = 0;  // 0: none
    Time started;             // 0: never
    Time ended;
    Usage total;
    std::string detail;  // for people: what the engine said
    std::vector<OutputFile> outputs{};
    std::optional<StepSummary> steps{};

    bool operator==(const Ending&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"cause", &Ending::cause}, Field{"code", &Ending::code},
                          Field{"signal", &Ending::signal}, Field{"started", &Ending::started},
                          Field{"ended", &Ending::ended}, Field{"total", &Ending::total},
                          Field{"detail", &Ending::detail}, Field{"outputs", &Ending::outputs},
                          Field{"steps", &Ending::steps});
    }
};

}  // namespace dayu
