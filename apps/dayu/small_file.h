// Small files as the command line needs them: read under a limit, and written once and durably.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace dayu::app {

inline constexpr std::size_t max_small_file_bytes = std::size_t{1} << 20;

bool exists(const std::string& path);

// "-" is stdin. A file over the limit is refused (exhausted) without being read.
Result<std::string> read_small_file(const std::string& path,
                                    std::size_t limit_bytes = max_small_file_bytes);

// Creates a file that nobody but its owner may read, whatever the umask, and that is there after a
// crash. One that exists already is a conflict.
Result<void> create_secret_file(const std::string& path, std::string_view content);

// Replaces a file in one step.
Result<void> replace_small_file(const std::string& path, std::string_view content);

}  // namespace dayu::app
