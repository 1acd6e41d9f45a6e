// What makes a process one of the attempt's: its control group, its user, its limits, its environment.
// The ranks get it from the shim, and so does who reaches in later.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/process/attempt_files.h"
#include "engine/process/cgroup.h"

namespace dayu::engine {

// Forks straight into the group where the kernel can; elsewhere the child has to join() it.
pid_t fork_into(const Cgroup& cgroup);

// The claim's environment and, of a gang, what tells the ranks apart.
std::vector<std::string> environment_of(const Claim& claim, std::int64_t rank);

bool become_user(const Claim& claim);
void limit_resources(const Claim& claim, const Cgroup& cgroup);
void unblock_signals();

// What execve takes; points into `texts`.
std::vector<char*> pointers_to(const std::vector<std::string>& texts);

}  // namespace dayu::engine
