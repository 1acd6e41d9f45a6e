// A `batch/v1` Job of Kubernetes to a job, with what Kueue adds to it. The pod's one container is the job.
#pragma once

#include "base/result.h"
#include "wire/job_file.h"
#include "wire/unmapped.h"
#include "wire/yaml.h"

namespace dayu::wire {

Result<ReadJob> read_kubernetes_job(const YamlNode& root, const ChipNames& chips);

}  // namespace dayu::wire
