#include "dayu/submission.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/sha256.h"
#include "dayu/job_text.h"
#include "dayu/outcome.h"
#include "dayu/output.h"
#include "dayu/upload.h"
#include "model/job.h"
#include "wire/job_file.h"

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

Result<std::optional<LocalWorkdir>> workdir_of(const Submission& submission) {
    const std::string folder = wire::workdir_named_in(submission.text);
    if (folder.empty() || !manifest_named_by(folder).empty()) return std::optional<LocalWorkdir>();
    return std::optional(TRY(read_workdir(folder, submission.file)));
}

namespace {

Result<wire::Json> submit_until(Connection& connection, const Submission& submission,
                                const std::string& path, const std::string& key) {
    const Duration retry_for = TRY(parse_duration(submission.retry_for));
    const Clock& clock = system_clock();
    const Instant give_up = clock.instant() + retry_for;
    Duration next_pause = first_pause;
    for (bool first = true;; first = false) {
        Result<wire::Json> answer =
            post_job(connection, path, submission.text, {{"Idempotency-Key", key}});
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

}  // namespace

Result<wire::Json> submit(Connection& connection, const Submission& submission) {
    const std::string key =
        submission.key.empty() ? to_hex(random_bytes(key_bytes)) : submission.key;
    const auto workdir = TRY(workdir_of(submission));
    if (!workdir) return submit_until(connection, submission, "/v1/jobs", key);
    const Duration retry_for = TRY(parse_duration(submission.retry_for));
    const std::string path = "/v1/jobs?workdir=" + workdir->summary.manifest;
    for (bool first = true;; first = false) {
        TRY(upload(connection, *workdir, retry_for));
        Result<wire::Json> answer = submit_until(connection, submission, path, key);
        // Removed in between, as unused: what is uploaded now is kept for long.
        const bool again = first && !answer.ok() && answer.error().code == "contents_missing";
        if (!again) return answer;
    }
}

}  // namespace dayu::app
