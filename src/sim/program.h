// What a job does in a virtual world: it runs for a while, then exits; asked to end, it takes some time
// over it. It is written in the job's own script, so that a wrong script shows.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace dayu::sim {

struct Program {
    Duration runs;
    std::int64_t code = 0;
    Duration lingers;  // after TERM
};

std::string to_script(const Program& program);  // "run 12000 exit 3 linger 50"
std::optional<Program> parse_script(std::string_view script);

}  // namespace dayu::sim
