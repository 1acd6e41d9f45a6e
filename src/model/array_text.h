// The tasks of an array as people write them, which is Slurm's way: "0-9", "1,3,5-9", "0-100:10", and
// "%4" behind it for at most four at the same time.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/job.h"

namespace dayu {

inline constexpr std::int64_t max_array_tasks = 10'000;

Result<ArrayTasks> parse_array(std::string_view text);

}  // namespace dayu
