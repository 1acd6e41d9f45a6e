// `dayu-shim --reach`: one process of who reaches into an attempt's place. It stands over the command as
// the shim stands over the job: the command has the job's user, run directory, environment and limits,
// and whatever it started ends with it, with the attempt, and with the agent that was asked for it.
#pragma once

namespace dayu::engine {

inline constexpr int guest_failed = 125;     // the command was never begun; stderr says why
inline constexpr int guest_not_found = 127;  // as a shell says it

// DIRECTORY NODE exec|files TERM ARGV...; TERM is "-" for pipes.
int run_guest(int argc, char** argv);

}  // namespace dayu::engine
