// A Slurm batch script to a job. Its #SBATCH lines are read as sbatch reads them: up to the first command, the
// last one of a kind wins. The script itself runs unchanged, under its own interpreter.
#pragma once

#include <string_view>

#include "base/result.h"
#include "wire/job_file.h"
#include "wire/unmapped.h"

namespace dayu::wire {

Result<ReadJob> read_slurm_script(std::string_view text, const ChipNames& chips);

}  // namespace dayu::wire
