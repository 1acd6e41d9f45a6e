// Processes as /proc shows them: which is which, who descends from whom, and what they use.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace dayu::engine {

// Names one run of the machine.
std::string boot_id();

// When the process started, in the kernel's ticks: with its number, its identity. 0: there is none.
std::int64_t start_ticks(pid_t pid);

// Children of `ancestor`, and theirs. While they fork it may miss some: ask again until none is left.
std::vector<pid_t> descendants(pid_t ancestor);

// Processes whose environment has exactly this "NAME=value", of those that we may look at.
std::vector<pid_t> processes_with_environment(const std::string& assignment);

struct TreeUse {
    std::int64_t cpu_ms = 0;  // of these processes, and of the children they have reaped
    std::int64_t resident_mib = 0;
};
TreeUse use_of(const std::vector<pid_t>& processes);

// Sends the signal if that process is still the one that started then.
bool signal_process(pid_t pid, std::int64_t started_ticks, int signal);

}  // namespace dayu::engine
