// SIGTERM and SIGINT as something to wait for. A handler, not a blocked signal: programs that are started
// would inherit a block, and then not hear a TERM of their own. The second signal ends the process at
// once.
#pragma once

namespace dayu::app {

class StopSignal {
   public:
    StopSignal();
    ~StopSignal();
    StopSignal(const StopSignal&) = delete;
    StopSignal& operator=(const StopSignal&) = delete;

    void wait() const;
    void end_wait() const;  // as if a signal had come; from any thread
};

}  // namespace dayu::app
