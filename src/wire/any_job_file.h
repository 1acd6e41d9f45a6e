// A job file in any of the forms that are taken, told apart by what it says: Dayu's own, a `batch/v1` Job of
// Kubernetes (`apiVersion` and `kind` at its top), or a Slurm batch script (its first line is `#!`).
#pragma once

#include <string_view>

#include "base/result.h"
#include "wire/job_file.h"
#include "wire/unmapped.h"

namespace dayu::wire {

// The job as far as it has a counterpart; check_mapped() says whether that is far enough to run it.
Result<ReadJob> read_any_job_file(std::string_view text, const ChipNames& chips,
                                  const PreferWords& prefer = default_prefer_words());

}  // namespace dayu::wire
