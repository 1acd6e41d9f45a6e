// The small program that stands over one process attempt (apps/shim is its main). It outlives agent and
// server: it holds the attempt's time limit and limits, hands on stop requests, ends the attempt when
// contact is lost for longer than its job bears, reaps every process, and writes down exactly how it
// ended. Whoever kills it kills the job with it, so that no job ever runs without one.
#pragma once

#include <string>

namespace dayu::engine {

// argv[1]: the attempt's folder (process/attempt_files.h says what lies there). File descriptor 3: the
// engine waits there for one line, "locked" once no other shim can take this attempt.
int run_shim(int argc, char** argv);

// Where it lies: beside our own program, as a build leaves it, or in ../libexec/dayu, as an installation does.
std::string find_shim();

}  // namespace dayu::engine
