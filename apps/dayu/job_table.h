// The table of jobs, in Slurm's words, as `dayu ps` and `dayu top` show it.
#pragma once

#include "dayu/table.h"
#include "dayu/verb.h"
#include "wire/json.h"

namespace dayu::app {

Table job_table(const wire::Json::Array& jobs, OutputFormat format);

}  // namespace dayu::app
