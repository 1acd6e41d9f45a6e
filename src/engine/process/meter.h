// What an attempt uses: exact from its control group where there is one, otherwise from its processes,
// looked at once a second. Times are the start's wall time plus what a clock that does not jump has
// counted since, so that windows are seamless and last what they say.
#pragma once

#include "base/time.h"
#include "engine/process/attempt_files.h"
#include "engine/process/cgroup.h"

namespace dayu::engine {

class Meter {
   public:
    Meter(const Cgroup& cgroup, const AttemptFiles& files, Duration window);

    void begin(Time started, Instant now);
    Instant next_window() const { return next_window_; }

    void sample();  // where there is no group, peaks are only seen by looking
    void close_window(Instant now);

    Time wall(Instant now) const { return started_ + (now - began_); }
    Usage total() const { return total_; }

   private:
    std::int64_t cpu_ms_so_far() const;
    std::int64_t peak_of_window();

    const Cgroup& cgroup_;
    const AttemptFiles& files_;
    Duration window_;
    Time started_;
    Instant began_;
    Instant window_began_;
    Instant next_window_;
    std::int64_t sampled_peak_mib_ = 0;
    Usage total_;
};

}  // namespace dayu::engine
