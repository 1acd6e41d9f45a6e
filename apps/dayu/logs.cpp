// dayu logs JOB: what an attempt wrote, byte for byte; -f goes on over retries until the job has ended.
#include <memory>

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/connection.h"
#include "dayu/job_name.h"
#include "dayu/log_reader.h"
#include "dayu/output.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

struct LogsOptions {
    std::string job;
    LogOptions read;
};

// A look at the job after its log, for whoever follows.
void remark_end(Connection& connection, std::int64_t id) {
    const Result<wire::Json> job = connection.get(job_path(id));
    if (!job.ok() || is_null(*job, "ended")) return;
    remark(fmt::format("job {} {} {}", id, state_word(*job).word, exit_word(*job)));
}

Result<int> logs(const LogsOptions& options, const Globals& globals) {
    if (options.read.tail_bytes < 0) return invalid("usage", "--tail is a number of bytes, from 1");
    Connection connection = TRY(Connection::open(globals));
    const std::int64_t id = TRY(find_job(connection, options.job));
    LogReader reader(connection, options.read, id);
    if (!options.read.follow) {
        TRY(reader.read_attempt(options.read.attempt));
        return 0;
    }
    TRY(reader.follow(options.read.attempt));
    if (options.read.attempt == 0) remark_end(connection, id);
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
                    {"--node", &options->read.node, "node of a gang (0)"},
                    {"--tail", &options->read.tail_bytes, "begin this many bytes before the end"}},
        .run = [options](const Globals& globals) { return logs(*options, globals); },
    };
}

}  // namespace dayu::app
