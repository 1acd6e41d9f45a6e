// "12:model/out.bin", "12[1]:log/", "12": a place in the run directory of a job, as cp and ls take it.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "dayu/remote_files.h"

namespace dayu::app {

// Nothing when it is no such place but a file here: what stands before the ':' is no job then.
std::optional<RemotePath> parse_remote_path(std::string_view text);

}  // namespace dayu::app
