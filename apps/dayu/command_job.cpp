#include "dayu/command_job.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <string_view>

#include "wire/json.h"

namespace dayu::app {
namespace {

constexpr std::size_t longest_default_name = 40;

bool needs_no_quotes(std::string_view word) {
    return !word.empty() && std::ranges::all_of(word, [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
               std::string_view("_-+=:,./@%").find(c) != std::string_view::npos;
    });
}

std::string quoted(const std::string& word) {
    if (needs_no_quotes(word)) return word;
    std::string out = "'";
    for (const char c : word) {
        if (c == '\'') {
            out += "'\\''";
        } else {
            out += c;
        }
    }
    return out + "'";
}

// "python" of "/usr/bin/python train.py".
std::string default_name(const std::vector<std::string>& command) {
    std::string_view word = command.front();
    word = word.substr(0, word.find_first_of(" \t\n;|&<>("));
    word = word.substr(word.rfind('/') + 1);
    std::string name;
    for (const char c : word.substr(0, longest_default_name)) {
        const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0;
        name += plain || c == '_' || c == '-' || c == '.' ? c : '-';
    }
    return name.empty() ? "run" : name;
}

Result<wire::Json::Object> environment_of(const CommandJob& job) {
    wire::Json::Object env;
    for (const std::string& entry : job.env) {
        const std::size_t sign = entry.find('=');
        const std::string key = entry.substr(0, sign);
        if (sign != std::string::npos) {
            env.insert_or_assign(key, wire::Json(entry.substr(sign + 1)));
            continue;
        }
        const char* own = std::getenv(key.c_str());
        if (own == nullptr) {
            return invalid("usage", "--env " + entry +
                                        " names a variable that is not set here; give "
                                        "--env " +
                                        entry + "=VALUE");
        }
        env.insert_or_assign(key, wire::Json(std::string(own)));
    }
    return env;
}

}  // namespace

std::vector<Option> command_job_options(CommandJob& job) {
    return {
        {"--name", &job.name, "name of the job (that of the program)"},
        {"--chips", &job.chips, "chips of each node: A100-80GB:8, Ascend910B:0.5 (none)"},
        {"--cpus", &job.cpus, "CPUs of each node"},
        {"--memory", &job.memory, "memory of each node in GiB"},
        {"--nodes", &job.nodes, "nodes, all at once (1)"},
        {"--time-limit", &job.time_limit, "ends it after this long: 30m, 2h, ..."},
        {"--workdir", &job.workdir, "folder that goes along, minus what its .dayuignore names"},
        {"--env", &job.env, "KEY=VALUE, or KEY for the value it has here; may be repeated"},
        {"--prefer",
         &job.prefer,
         "what matters: balanced, cheapest, fastest or greenest",
         false,
         {"balanced", "cheapest", "fastest", "greenest"}},
        {"--max-price", &job.max_price, "yuan, for the whole job: it never costs more"},
        {"--priority",
         &job.priority,
         "who comes first in the queue (normal)",
         false,
         {"low", "normal", "high", "urgent"}},
        {"--preemptible", &job.preemptible,
         "may be stopped for a job with more right to its place"},
        {"--project", &job.project, "whose queue it waits in and who pays (the token's)"},
        {"--region", &job.regions, "only in this region, as cn/yangtze-delta; may be repeated"},
    };
}

bool has_options(const CommandJob& job) {
    return job.nodes != 0 || job.preemptible || !job.env.empty() || !job.regions.empty() ||
           std::ranges::any_of(
               std::initializer_list<std::string>{job.name, job.chips, job.cpus, job.memory,
                                                  job.time_limit, job.prefer, job.max_price,
                                                  job.workdir, job.priority, job.project},
               [](const std::string& value) { return !value.empty(); });
}

std::string shell_line(const std::vector<std::string>& command) {
    if (command.size() == 1) return command.front();
    std::string line;
    for (const std::string& word : command) {
        if (!line.empty()) line += ' ';
        line += quoted(word);
    }
    return line;
}

Result<std::string> job_text_of(const CommandJob& job) {
    wire::Json file;
    file["name"] = job.name.empty() ? default_name(job.command) : job.name;
    file["run"] = shell_line(job.command);
    if (job.nodes != 0) file["nodes"] = job.nodes;
    const auto set = [](wire::Json& map, std::string_view key, const std::string& value) {
        if (!value.empty()) map[key] = value;
    };
    wire::Json resources, placement;
    set(resources, "accelerators", job.chips);
    set(resources, "cpus", job.cpus);
    set(resources, "memory", job.memory);
    set(placement, "prefer", job.prefer);
    set(placement, "max_price", job.max_price);
    for (const std::string& region : job.regions) {
        wire::Json::Array regions;
        if (const wire::Json* before = placement.find("regions")) regions = *before->as_array();
        regions.emplace_back(region);
        placement["regions"] = std::move(regions);
    }
    set(file, "time_limit", job.time_limit);
    set(file, "priority", job.priority);
    if (job.preemptible) file["preemptible"] = true;
    if (!job.project.empty()) file["billing"] = wire::Json::Object{{"project", job.project}};
    set(file, "workdir", job.workdir);
    if (!resources.is_null()) file["resources"] = std::move(resources);
    if (!placement.is_null()) file["placement"] = std::move(placement);
    if (!job.env.empty()) file["env"] = TRY(environment_of(job));
    return wire::to_text(file);
}

}  // namespace dayu::app
