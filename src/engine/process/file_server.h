// Serves the files of one run directory over two descriptors, in the words of model/file_words.h. It runs
// in a process of its own, with the rights of the job's user, and the kernel holds each path inside the
// directory: a link that leads out of it is refused, whoever made it.
#pragma once

namespace dayu::engine {

// Until the input ends. Returns the exit code.
int serve_files(int directory, int input, int output);

}  // namespace dayu::engine
