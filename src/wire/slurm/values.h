// What single values of sbatch's options say. Each refuses with the line, the option and what is taken.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "wire/slurm/lines.h"

namespace dayu::wire::slurm {

Error option_error(const Option& option, std::string code, const std::string& text);

Result<std::int64_t> read_count(const Option& option);       // a whole number from 1
Result<std::int64_t> read_memory_mib(const Option& option);  // "4096" or "4096M", "8G", "1T"; up

// "90" minutes, "90:30", "2:00:00", "1-12", "1-12:30", "1-12:30:00".
Result<Duration> read_time(const Option& option);

// "gpu:a100:2(S:0)" of --gres, "a100:2" of --gpus: what is asked for, and how many.
struct Counted {
    std::string name;  // "gpu", or empty
    std::string type;  // empty: any
    std::int64_t count = 1;
};
Result<std::vector<Counted>> read_gres(const Option& option);
Result<Counted> read_gpus(const Option& option);

std::vector<std::string> split(std::string_view text, char separator);

}  // namespace dayu::wire::slurm
