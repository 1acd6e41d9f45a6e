// How people name jobs: 41, 41_3 for one task of the array 41, and 41 for all of an array's tasks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dayu/connection.h"

namespace dayu::app {

// "41_3" of a task, "41" of a job.
std::string job_name(const wire::Json& job);

// One job: the id itself, or that of a task.
Result<std::int64_t> find_job(Connection& connection, std::string_view name);

// The same, and of an array all tasks, in the order of their indices.
Result<std::vector<std::int64_t>> find_jobs(Connection& connection, std::string_view name);

// Where actions on what was named are posted: "/v1/jobs/41", or "/v1/arrays/41".
Result<std::string> find_action_path(Connection& connection, std::string_view name);

// For every job or array that was named: posts `action`, and says `done` of it. All are tried; the first
// refusal decides the exit code.
Result<int> act_on_jobs(const std::vector<std::string>& names, std::string_view action,
                        std::string_view done, const Globals& globals);

}  // namespace dayu::app
