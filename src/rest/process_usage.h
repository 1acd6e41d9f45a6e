// What this process takes of its machine, from /proc. What cannot be read is 0.
#pragma once

#include <cstdint>

namespace dayu::rest {

struct ProcessUsage {
    double cpu_seconds = 0;
    std::uint64_t resident_bytes = 0;
    std::uint64_t virtual_bytes = 0;
    std::uint64_t threads = 0;
    std::uint64_t open_files = 0;
    std::uint64_t max_open_files = 0;
    double started = 0;  // seconds since 1970
};
ProcessUsage process_usage();

}  // namespace dayu::rest
