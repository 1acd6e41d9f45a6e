#include "dayu/log_reader.h"

#include <charconv>

#include "dayu/answers.h"
#include "dayu/outcome.h"

namespace dayu::app {
namespace {

constexpr std::int64_t poll_s = 20;
constexpr Duration answer_patience = seconds(40);  // past the wait: the agent is asked, too
constexpr Duration retry_pause = milliseconds(300);
constexpr Duration bears_silence = seconds(120);

bool is_true(const http::Response& response, std::string_view header) {
    return response.header(header).value_or("") == "true";
}

}  // namespace

std::function<void(std::string_view)> write_to(std::FILE* stream) {
    return [stream](std::string_view bytes) {
        std::fwrite(bytes.data(), 1, bytes.size(), stream);
        std::fflush(stream);
    };
}

Result<void> LogReader::read_attempt(std::int64_t attempt) {
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

Result<void> LogReader::follow(std::int64_t attempt) {
    while (true) {
        const Result<wire::Json> job = connection_.get(job_path(id_));
        if (!job.ok()) {
            TRY(bear(job.error()));
            continue;
        }
        heard_ = system_clock().instant();
        if (options_.watch) options_.watch(*job);
        const bool ended = !is_null(*job, "ended");
        const std::int64_t latest = number(*job, "attempt");
        if (attempt == 0 && latest > 0) attempt = latest;
        if (attempt > 0 && attempt <= latest) {
            TRY(read_attempt(attempt));
            if (attempt == options_.attempt) return {};
            ++attempt;
        } else if (ended) {
            return {};
        } else {
            pause(retry_pause);
        }
    }
}

// While following, an agent or a server that is away for a while is waited for.
Result<void> LogReader::bear(const Error& error) {
    const bool passes = error.kind == ErrorKind::unavailable || error.code == "log_not_there";
    if (!options_.follow || !passes) return error;
    if (system_clock().instant() - heard_ > bears_silence) return error;
    pause(retry_pause);
    return {};
}

Result<LogReader::Chunk> LogReader::read_chunk(std::int64_t attempt, std::int64_t offset) {
    const std::int64_t wait_s = options_.follow ? poll_s : 0;
    const std::string path =
        with_query(job_path(id_, "/log"), {{"attempt", std::to_string(attempt)},
                                           {"node", std::to_string(options_.node)},
                                           {"offset", std::to_string(offset)},
                                           {"wait_s", std::to_string(wait_s)}});
    const http::Response response =
        TRY(connection_.fetch({.path = path, .timeout = seconds(wait_s) + answer_patience}));
    options_.write(response.body);
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

}  // namespace dayu::app
