// dayu logs JOB: what an attempt wrote, byte for byte; -f goes on over retries until the job has ended.
// --node all prints the lines of all nodes of a gang, each behind the number of its node.
#include <charconv>
#include <memory>
#include <optional>

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/connection.h"
#include "dayu/gang_log.h"
#include "dayu/job_name.h"
#include "dayu/log_reader.h"
#include "dayu/output.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

struct LogsOptions {
    std::string job;
    std::string node = "0";
    LogOptions read;
};

constexpr std::string_view all_nodes = "all";

// Nothing stands for all.
Result<std::optional<std::int64_t>> node_of(const std::string& text) {
    if (text == all_nodes) return std::optional<std::int64_t>();
    std::int64_t node = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), node);
    if (failure == std::errc() && end == text.data() + text.size() && node >= 0) {
        return std::optional(node);
    }
    return invalid("usage",
                   "--node \"" + text + "\" is neither the number of a node, from 0, nor all");
}

// A look at the job after its log, for whoever follows.
void remark_end(Connection& connection, std::int64_t id) {
    const Result<wire::Json> job = connection.get(job_path(id));
    if (!job.ok() || is_null(*job, "ended")) return;
    remark(fmt::format("job {} {} {}", id, state_word(*job).word, exit_word(*job)));
}

Result<std::int64_t> nodes_of(Connection& connection, std::int64_t id) {
    const wire::Json job = TRY(connection.get(job_path(id)));
    return number(job, "nodes");
}

Result<void> print_one(Connection& connection, const LogOptions& options, std::int64_t id) {
    if (options.node > 0) {
        const std::int64_t nodes = TRY(nodes_of(connection, id));
        if (options.node >= nodes) {
            return invalid("node_unknown", fmt::format("--node {}: job {} has {} node(s), from 0",
                                                       options.node, id, nodes));
        }
    }
    LogReader reader(connection, options, id);
    return options.follow ? reader.follow(options.attempt) : reader.read_attempt(options.attempt);
}

Result<void> print_all(Connection& connection, const LogOptions& options, const Globals& globals,
                       std::int64_t id) {
    return print_gang_log(globals, options, id, TRY(nodes_of(connection, id)));
}

Result<int> logs(const LogsOptions& options, const Globals& globals) {
    LogOptions read = options.read;
    if (read.tail_bytes < 0) return invalid("usage", "--tail is a number of bytes, from 1");
    const std::optional<std::int64_t> node = TRY(node_of(options.node));
    read.node = node.value_or(0);
    Connection connection = TRY(Connection::open(globals));
    const std::int64_t id = TRY(find_job(connection, options.job));
    TRY(node ? print_one(connection, read, id) : print_all(connection, read, globals, id));
    if (read.follow && read.attempt == 0) remark_end(connection, id);
    return 0;
}

}  // namespace

Verb logs_verb() {
    const auto options = std::make_shared<LogsOptions>();
    return {
        .name = "logs",
        .help = "Print what a job wrote",
        .options = {{"JOB", &options->job, "job id", true},
                    {"-f,--follow", &options->read.follow, "go on until the job has ended"},
                    {"--attempt", &options->read.attempt, "number of the attempt (the latest)"},
                    {"--node", &options->node,
                     "node of a gang (0), or all: lines behind their node's number"},
                    {"--tail", &options->read.tail_bytes, "begin this many bytes before the end"}},
        .run = [options](const Globals& globals) { return logs(*options, globals); },
        .detail = "--node all prints whole lines, and with -f those of all nodes as they come.",
        .examples = {"dayu logs -f 41", "dayu logs --node all 41 | grep '^3 |'"},
    };
}

}  // namespace dayu::app
