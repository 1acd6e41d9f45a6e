// What lies in the folder of one attempt, and who writes it:
//
//   claim      engine, durably, before anything runs: all that the shim must know (it holds the job's
//              environment, so that nobody but its owner may read it)
//   run/       the job's working folder, unless it continues from checkpoints: those jobs keep one
//              folder over all their attempts, jobs/<cluster>-<job>/run
//   setup.done beside the run folder: the script that has set it up
//   shim.lock  held by the living shim; says which process it is
//   started    shim, just before the job's first process
//   log.0 ...  output of each rank
//   usage      shim: a line for each metering window
//   stop       engine: the latest request to stop
//   outputs    engine, after the end: what the attempt left among its job's outputs
//   exit       shim, durably, when no process of the job is left; the engine, for a shim that vanished
//
// setup.done lies where the run folder lies, so that an attempt that continues in it sets up nothing anew.
//
// A folder without `exit` whose lock is free belongs to an attempt that is dead: nothing ever starts in
// it again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/result.h"
#include "base/time.h"
#include "model/attempt.h"

namespace dayu::engine {

struct AttemptFiles {
    std::string directory;

    std::string claim() const { return directory + "/claim"; }
    std::string run() const { return directory + "/run"; }
    std::string lock() const { return directory + "/shim.lock"; }
    std::string started() const { return directory + "/started"; }
    std::string log(std::int64_t rank) const { return directory + "/log." + std::to_string(rank); }
    std::string usage() const { return directory + "/usage"; }
    std::string stop() const { return directory + "/stop"; }
    std::string outputs() const { return directory + "/outputs"; }
    std::string exit() const { return directory + "/exit"; }
};

struct Claim {
    Token token;
    Time claimed;
    std::string boot;  // of the machine that claimed it
    std::string script;
    std::string setup{};  // runs before the script; empty: nothing to set up
    std::vector<std::string>
        env;  // "NAME=value"; secrets are not here, nor in any file (secrets.h)
    std::string run_directory;
    std::string checkpoint_path;         // inside the run directory
    std::vector<std::string> outputs{};  // likewise
    std::int64_t ranks = 1;
    std::int64_t uid = -1;  // -1: as the agent
    std::int64_t gid = -1;
    std::vector<std::int64_t> groups;
    std::int64_t cpus = 0;        // of all ranks; 0: no limit
    std::int64_t memory_mib = 0;  // of all ranks; 0: no limit
    Duration time_limit;          // 0: none
    std::int64_t signal = 15;     // what asks the job to end
    Duration grace;
    Duration move_after;  // 0: contact may be lost for ever
    std::string contact_file;
    Duration window;

    static constexpr auto fields() {
        return field_list(
            Field{"token", &Claim::token}, Field{"claimed_ms", &Claim::claimed},
            Field{"boot", &Claim::boot}, Field{"script", &Claim::script},
            Field{"setup", &Claim::setup}, Field{"env", &Claim::env},
            Field{"run_directory", &Claim::run_directory},
            Field{"checkpoint_path", &Claim::checkpoint_path}, Field{"output", &Claim::outputs},
            Field{"ranks", &Claim::ranks}, Field{"uid", &Claim::uid}, Field{"gid", &Claim::gid},
            Field{"group", &Claim::groups}, Field{"cpus", &Claim::cpus},
            Field{"memory_mib", &Claim::memory_mib}, Field{"time_limit_ms", &Claim::time_limit},
            Field{"signal", &Claim::signal}, Field{"grace_ms", &Claim::grace},
            Field{"move_after_ms", &Claim::move_after}, Field{"contact_file", &Claim::contact_file},
            Field{"window_ms", &Claim::window});
    }
};

// Beside the run folder, so that the job cannot change it.
std::string setup_marker(const std::string& run_directory);

// Which process the shim is; a number alone could be another's by now.
struct ShimIdentity {
    std::int64_t pid = 0;
    std::int64_t start_ticks = 0;

    static constexpr auto fields() {
        return field_list(Field{"pid", &ShimIdentity::pid},
                          Field{"start_ticks", &ShimIdentity::start_ticks});
    }
};

struct Started {
    Time at;

    static constexpr auto fields() { return field_list(Field{"at_ms", &Started::at}); }
};

struct StopRequest {
    EndCause cause = EndCause::cancelled;
    std::int64_t signal = 15;
    Duration grace;
    std::int64_t number = 1;  // of requests for this attempt

    static constexpr auto fields() {
        return field_list(
            Field{"cause", &StopRequest::cause}, Field{"signal", &StopRequest::signal},
            Field{"grace_ms", &StopRequest::grace}, Field{"number", &StopRequest::number});
    }
};

struct Outputs {
    std::vector<OutputFile> files;
    std::int64_t left_out = 0;  // beyond the limit of a list

    static constexpr auto fields() {
        return field_list(Field{"file", &Outputs::files}, Field{"left_out", &Outputs::left_out});
    }
};

// When the agent was last in contact, by the clock that does not jump (CLOCK_BOOTTIME), which means
// something on this boot only. One file for all attempts of the engine.
struct Contact {
    std::string boot;
    Instant at;

    static constexpr auto fields() {
        return field_list(Field{"boot", &Contact::boot}, Field{"at_ms", &Contact::at});
    }
};

template <class T>
std::optional<T> read_record(const std::string& path);
extern template std::optional<Claim> read_record(const std::string&);
extern template std::optional<ShimIdentity> read_record(const std::string&);
extern template std::optional<Started> read_record(const std::string&);
extern template std::optional<StopRequest> read_record(const std::string&);
extern template std::optional<Contact> read_record(const std::string&);
extern template std::optional<Outputs> read_record(const std::string&);
extern template std::optional<Ending> read_record(const std::string&);

Result<void> write_ending(const AttemptFiles& files, const Ending& ending);  // durably

Result<void> append_window(const AttemptFiles& files, const UsageWindow& window);
// Whole lines from `offset` on, which moves behind them.
std::vector<UsageWindow> read_windows(const AttemptFiles& files, std::int64_t& offset);

}  // namespace dayu::engine
