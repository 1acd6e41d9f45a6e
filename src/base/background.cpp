#include "base/background.h"

#include <sys/resource.h>

namespace dayu {
namespace {

constexpr int niceness = 10;

}  // namespace

// On Linux a niceness is a thread's own (setpriority(2), "C library/kernel differences"): 0 is the calling one. Where
// the system refuses it, the work is only less considerate.
void go_to_background() { (void)setpriority(PRIO_PROCESS, 0, niceness); }

}  // namespace dayu
