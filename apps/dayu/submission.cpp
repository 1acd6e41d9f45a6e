#include "dayu/submission.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/sha256.h"
#include "dayu/job_text.h"
#include "dayu/outcome.h"
#include "dayu/output.h"

namespace dayu::app {
namespace {

constexpr Duration first_pause = milliseconds(100);
constexpr Duration longest_pause = seconds(3);
constexpr std::size_t key_bytes = 16;

}  // namespace

std::vector<Option> submission_options(Submission& submission) {
    return {{"--key", &submission.key, "idempotency key: the same key never makes a second job"},
            {"--retry-for", &submission.retry_for,
             "go on trying this long while the server is away (30s)"}};
}

Result<wire::Json> submit(Connection& connection, const Submission& submission) {
    const Duration retry_for = TRY(parse_duration(submission.retry_for));
    const std::string key =
        submission.key.empty() ? to_hex(random_bytes(key_bytes)) : submission.key;
    const Clock& clock = system_clock();
    const Instant give_up = clock.instant() + retry_for;
    Duration next_pause = first_pause;
    for (bool first = true;; first = false) {
        Result<wire::Json> answer =
            post_job(connection, "/v1/jobs", submission.text, {{"Idempotency-Key", key}});
        if (answer.ok() || answer.error().kind != ErrorKind::unavailable) return answer;
        if (clock.instant() + next_pause > give_up) return answer;
        if (first) {
            remark(fmt::format("dayu: {}; trying for {} more", answer.error().message,
                               to_string(retry_for)));
        }
        pause(next_pause);
        next_pause = std::min(Duration{next_pause.ms * 2}, longest_pause);
    }
}

}  // namespace dayu::app
