// SIGTERM and SIGINT, and SIGHUP where it is asked for, as something to wait for. A handler, not a blocked signal: programs that are started
// would inherit a block, and then not hear a TERM of their own. The second one to end ends the
// process at once.
#pragma once

namespace dayu::app {

class StopSignal {
   public:
    StopSignal();
    ~StopSignal();
    StopSignal(const StopSignal&) = delete;
    StopSignal& operator=(const StopSignal&) = delete;

    void hear_hangups();  // which would end the process else

    enum class Heard { stop, hangup };
    Heard wait() const;
    void end_wait() const;  // as if a signal had come; from any thread

   private:
    bool hears_hangups_ = false;
};

}  // namespace dayu::app
