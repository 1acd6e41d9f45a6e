// The job file of the users, YAML or JSON, to a JobFile. Every error names the line, the key, the value
// and what would be accepted; an unknown key names the nearest known one; a key whose capability comes
// later says so.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/chip.h"
#include "model/job.h"
#include "model/prefer.h"

namespace dayu::wire {

inline constexpr std::size_t max_job_file_bytes = 1 << 20;

// The registry's chip behind a name or an alias; and all names, for the nearest one.
struct ChipNames {
    std::function<const Chip*(std::string_view)> find;
    std::function<std::vector<std::string>()> all;
};

Result<JobFile> parse_job_file(std::string_view text, const ChipNames& chips,
                               const PreferWords& prefer = default_prefer_words());

// The folder that it takes along, for a client that has to upload it before the server reads the file; ""
// where it names none, or cannot be read.
std::string workdir_named_in(std::string_view text);

// Likewise the file that `model.config` names; and the job file with the content of that file in its place, on one line, so that
// all lines keep their numbers.
std::string model_config_named_in(std::string_view text);
Result<std::string> with_model_config(std::string_view text, std::string_view json);

}  // namespace dayu::wire
