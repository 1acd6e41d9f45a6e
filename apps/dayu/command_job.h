// A job file made of a command line, for `dayu run -- CMD ...`: the same words as in the file, and the server
// reads it as any other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "dayu/verb.h"

namespace dayu::app {

struct CommandJob {
    std::vector<std::string> command;
    std::string name;
    std::string chips;
    std::string cpus;
    std::string memory;
    std::int64_t nodes = 0;  // 0: as the job file's default
    std::string time_limit;
    std::string workdir;           // a folder to take along
    std::vector<std::string> env;  // "KEY=VALUE", or "KEY" to hand on the caller's own
    std::string prefer;
    std::string max_price;
    std::string priority;
    std::string project;
    bool preemptible = false;
    std::vector<std::string> regions;
};

std::vector<Option> command_job_options(CommandJob& job);

// Whether any of these options was given: they do not go with a job file.
bool has_options(const CommandJob& job);

Result<std::string> job_text_of(const CommandJob& job);

// As a shell reads it back: one word alone is a line of shell, several are quoted each.
std::string shell_line(const std::vector<std::string>& command);

}  // namespace dayu::app
