// The shim's inside: sets up, starts the ranks, then waits for what comes first: their end, a request to stop,
// the time limit, or contact lost for too long. It wakes for signals and about once a second, so that a
// lost signal costs a second and nothing else.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "engine/process/attempt_files.h"
#include "engine/process/cgroup.h"
#include "engine/process/meter.h"

namespace dayu::engine {

class Supervisor {
   public:
    Supervisor(const AttemptFiles& files, const Claim& claim, int signal_fd);

    // From the first process to the last. When it returns, nothing of the job is alive.
    Ending run();

    void remove_cgroup() const { cgroup_.remove(); }

   private:
    bool must_set_up() const;
    Result<void> set_up();
    void tell(const std::string& line) const;
    bool is_over() const { return stopping_ || ending_.code != 0 || ending_.signal != 0; }
    Result<void> start_ranks();
    void supervise();
    void wait_until(Instant wake);
    void reap();
    void note_exit(pid_t pid, int status);

    void look_for_reasons_to_stop(Instant now);
    void read_stop_request(Instant now);
    Instant fence_at() const;
    Instant next_wake(Instant now) const;

    void begin_stop(EndCause cause, const StopRequest& how, Instant now, std::string detail);
    void signal_all(int signal) const;
    void kill_everything();

    AttemptFiles files_;
    Claim claim_;
    Cgroup cgroup_;
    Meter meter_;
    int signal_fd_;

    std::vector<pid_t> leaders_;  // of the ranks that still run
    bool in_setup_ = false;
    bool childless_ = false;
    bool told_to_end_ = false;  // SIGTERM to the shim itself
    bool stopping_ = false;
    std::int64_t stop_number_ = 0;  // of the latest request seen
    Instant began_;
    Instant kill_at_;
    Ending ending_;
};

}  // namespace dayu::engine
