// dayu logs JOB: what an attempt wrote, byte for byte; -f goes on over retries until the job has ended.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <memory>
#include <optional>

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/connection.h"
#include "dayu/job_name.h"
#include "dayu/outcome.h"
#include "dayu/output.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

constexpr std::int64_t poll_s = 20;
constexpr Duration answer_patience = seconds(40);  // past the wait: the agent is asked, too
constexpr Duration retry_pause = milliseconds(300);
constexpr Duration bears_silence = seconds(120);

struct LogsOptions {
    std::string job;
    bool follow = false;
    std::int64_t attempt = 0;
    std::int64_t node = 0;
    std::int64_t tail_bytes = 0;
};

struct Chunk {
    std::int64_t next = 0;
    bool at_end = false;
    bool complete = false;
};

bool is_true(const http::Response& response, std::string_view header) {
    return response.header(header).value_or("") == "true";
}

class LogReader {
   public:
    LogReader(Connection& connection, const LogsOptions& options, std::int64_t id)
        : connection_(connection), options_(options), id_(id) {}

    // One attempt from `offset` on: to what is there now, or while following to its end.
    Result<void> read_attempt(std::int64_t attempt) {
        std::int64_t offset = -options_.tail_bytes;
        while (true) {
            const Result<Chunk> chunk = read_chunk(attempt, offset);
            if (!chunk.ok()) {
                TRY(bear(chunk.error()));
                continue;
            }
            heard_ = system_clock().instant();
            offset = chunk->next;
            if (chunk->complete && chunk->at_end) return {};
            if (chunk->at_end && !options_.follow) return {};
        }
    }

    // All attempts from this one on, until the job has ended.
    Result<void> follow(std::int64_t attempt) {
        while (true) {
            const Result<wire::Json> job = connection_.get(job_path(id_));
            if (!job.ok()) {
                TRY(bear(job.error()));
                continue;
            }
            heard_ = system_clock().instant();
            const bool ended = !is_null(*job, "ended");
            const std::int64_t latest = number(*job, "attempt");
            if (attempt == 0 && latest > 0) attempt = latest;
            if (attempt > 0 && attempt <= latest) {
                TRY(read_attempt(attempt));
                if (attempt != options_.attempt) remark_end(attempt);
                if (attempt == options_.attempt) return {};
                ++attempt;
            } else if (ended) {
                return {};
            } else {
                pause(retry_pause);
            }
        }
    }

   private:
    // While following, an agent or a server that is away for a while is waited for.
    Result<void> bear(const Error& error) {
        const bool passes = error.kind == ErrorKind::unavailable || error.code == "log_not_there";
        if (!options_.follow || !passes) return error;
        if (system_clock().instant() - heard_ > bears_silence) return error;
        pause(retry_pause);
        return {};
    }

    Result<Chunk> read_chunk(std::int64_t attempt, std::int64_t offset) {
        const std::int64_t wait_s = options_.follow ? poll_s : 0;
        const std::string path =
            with_query(job_path(id_, "/log"), {{"attempt", std::to_string(attempt)},
                                               {"node", std::to_string(options_.node)},
                                               {"offset", std::to_string(offset)},
                                               {"wait_s", std::to_string(wait_s)}});
        const http::Response response =
            TRY(connection_.fetch({.path = path, .timeout = seconds(wait_s) + answer_patience}));
        std::fwrite(response.body.data(), 1, response.body.size(), stdout);
        std::fflush(stdout);
        Chunk chunk{.next = 0,
                    .at_end = is_true(response, "Dayu-Log-At-End"),
                    .complete = is_true(response, "Dayu-Log-Complete")};
        const std::string_view next = response.header("Dayu-Log-Next").value_or("");
        const auto end = next.data() + next.size();
        if (std::from_chars(next.data(), end, chunk.next).ec != std::errc()) {
            return internal("log_malformed", "the server sent a log without Dayu-Log-Next");
        }
        return chunk;
    }

    void remark_end(std::int64_t attempt) {
        const Result<wire::Json> job = connection_.get(job_path(id_));
        if (!job.ok() || !is_null(*job, "ended")) return;
        if (number(*job, "attempt") > attempt) return;
        remark(fmt::format("job {} {} {}", id_, state_word(*job).word, exit_word(*job)));
    }

    Connection& connection_;
    const LogsOptions& options_;
    std::int64_t id_;
    Instant heard_ = system_clock().instant();
};

Result<int> logs(const LogsOptions& options, const Globals& globals) {
    if (options.tail_bytes < 0) return invalid("usage", "--tail is a number of bytes, from 1");
    Connection connection = TRY(Connection::open(globals));
    const std::int64_t id = TRY(find_job(connection, options.job));
    LogReader reader(connection, options, id);
    if (options.follow) {
        TRY(reader.follow(options.attempt));
    } else {
        TRY(reader.read_attempt(options.attempt));
    }
    return 0;
}

}  // namespace

Verb logs_verb() {
    const auto options = std::make_shared<LogsOptions>();
    return {
        .name = "logs",
        .help = "Print what a job wrote",
        .options = {{"JOB", &options->job, "job id", true},
                    {"-f,--follow", &options->follow, "go on until the job has ended"},
                    {"--attempt", &options->attempt, "number of the attempt (the latest)"},
                    {"--node", &options->node, "node of a gang (0)"},
                    {"--tail", &options->tail_bytes, "begin this many bytes before the end"}},
        .run = [options](const Globals& globals) { return logs(*options, globals); },
    };
}

}  // namespace dayu::app
