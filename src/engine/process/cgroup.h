// Control groups, of which the host gives version 2, version 1, or none that we may write: limits,
// exact use, and a kill that nothing escapes. Each attempt has a group of its own, dayu/<token>, below
// the root of each hierarchy.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/attempt.h"

namespace dayu::engine {

// What this process may use here, found by trying.
struct CgroupSupport {
    int version = 0;  // 0: none
    bool memory = false;
    bool pids = false;
    bool cpu = false;
    bool use = false;   // CPU time of the whole group
    bool kill = false;  // of all at once
    std::string problem;
};
CgroupSupport survey_cgroups();

struct CgroupLimits {
    std::int64_t cpus = 0;
    std::int64_t memory_mib = 0;
    std::int64_t processes = 0;
};

class Cgroup {
   public:
    // The group of that attempt, whether it is there or not.
    explicit Cgroup(const Token& token);

    // Makes it, as far as the host lets us.
    void create(const CgroupLimits& limits);
    bool limits_memory() const { return limits_memory_; }

    // Version 2: a descriptor for CLONE_INTO_CGROUP; -1 elsewhere. The caller closes it.
    int open_for_clone() const;
    // Version 1: moves the calling process, which must have one thread, into it.
    void join() const;

    std::vector<pid_t> processes() const;
    void kill_all()
        const;  // one sweep; what forks meanwhile needs another, where kill is not atomic

    std::optional<std::int64_t> cpu_ms() const;
    std::optional<std::int64_t> take_peak_memory_mib()
        const;  // since it was last taken, where possible
    std::int64_t oom_kills() const;

    void remove() const;

   private:
    std::string folder(const char* controller) const;  // "" where that one is not there

    std::string name_;
    bool unified_ = false;
    bool limits_memory_ = false;
};

}  // namespace dayu::engine
