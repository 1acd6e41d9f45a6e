#include "dayu/outcome.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

#include "dayu/answers.h"
#include "dayu/output.h"
#include "dayu/progress.h"

namespace dayu::app {
namespace {

constexpr Duration longest_poll = seconds(30);
constexpr Duration answer_patience = seconds(15);
constexpr Duration bears_silence = seconds(120);  // of the server, before a wait gives up
constexpr Duration retry_pause = milliseconds(500);

}  // namespace

void pause(Duration duration) {
    std::this_thread::sleep_for(std::chrono::milliseconds(duration.ms));
}

int exit_code_of(const wire::Json& job) {
    if (text(job, "state") == "COMPLETED") return 0;
    const std::string cause = text(job, "cause");
    const bool by_itself = cause == "exited" || cause == "oom" || cause == "time_limit";
    if (!by_itself) return 1;
    const std::int64_t signal = number(job, "signal");
    const std::int64_t code = signal > 0 ? 128 + signal : number(job, "code");
    return code == 0 ? 1 : static_cast<int>(code & 0xFF);
}

Result<std::optional<wire::Json>> wait_for_end(Connection& connection, std::int64_t id,
                                               std::optional<Duration> timeout) {
    const Clock& clock = system_clock();
    const Instant begin = clock.instant();
    Instant heard = begin;
    const Progress progress("waiting for job " + std::to_string(id));
    while (true) {
        Duration poll = longest_poll;
        if (timeout) {
            const Duration left = *timeout - (clock.instant() - begin);
            poll = std::clamp(left, milliseconds(0), longest_poll);
        }
        const std::int64_t poll_s = (poll.ms + 999) / 1000;
        const std::string path = job_path(id, "/wait?timeout_s=" + std::to_string(poll_s));
        Result<wire::Json> job = connection.get(path, poll + answer_patience);
        if (job.ok()) {
            heard = clock.instant();
            std::optional<wire::Json> ended = *std::move(job);
            if (!is_null(*ended, "ended")) return ended;
        } else if (job.error().kind != ErrorKind::unavailable ||
                   clock.instant() - heard > bears_silence) {
            return job.error();
        }
        if (timeout && clock.instant() - begin >= *timeout) return std::optional<wire::Json>();
        if (!job.ok()) pause(retry_pause);
    }
}

}  // namespace dayu::app
