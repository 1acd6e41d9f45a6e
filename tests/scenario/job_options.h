// What `submit`, `offers`, `center`, `queue` and `dataset` take as key=value: one line a key.
#pragma once

#include "control/command.h"
#include "model/center.h"
#include "tests/scenario/script.h"

namespace dayu::scenario {

inline constexpr std::string_view default_chip = "Ascend910B";

// Checked as a job file would be; unknown keys are refused.
Result<JobSpec> job_spec(const Statement& statement);
Result<control::SubmitJob> submit_command(const Statement& statement, const std::string& name);
Result<Center> center_of(const Statement& statement, const std::string& name);
Result<Queue> queue_of(const Statement& statement, const std::string& path);
Result<Dataset> dataset_of(const Statement& statement, const std::string& name);
// Of the project that the statement names.
control::Actor submitter(const Statement& statement);
Chip chip_named(const std::string& name);

Result<std::int64_t> integer(std::string_view text);

}  // namespace dayu::scenario
