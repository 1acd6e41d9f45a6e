// Work beside that for which somebody waits.
#pragma once

namespace dayu {

// From here on the calling thread, and no other of the process, gives way to all that is not in the background. Not for a
// thread that holds a lock for which others wait.
void go_to_background();

}  // namespace dayu
