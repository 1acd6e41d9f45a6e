// dayu submit FILE: prints the job's id. The idempotency key stays the same over all tries, so that a
// flaky network never makes two jobs of one.
#include <algorithm>
#include <memory>

#include <fmt/core.h>

#include "base/sha256.h"
#include "dayu/answers.h"
#include "dayu/candidates.h"
#include "dayu/job_text.h"
#include "dayu/outcome.h"
#include "dayu/output.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

constexpr Duration first_pause = milliseconds(100);
constexpr Duration longest_pause = seconds(3);
constexpr std::size_t key_bytes = 16;

struct SubmitOptions {
    std::string file;
    std::string key;
    std::string retry_for = "30s";
    bool dry_run = false;
    bool wait = false;
};

Result<wire::Json> submit_until(Connection& connection, const std::string& text,
                                const std::string& key, Duration retry_for) {
    const Clock& clock = system_clock();
    const Instant give_up = clock.instant() + retry_for;
    Duration next_pause = first_pause;
    for (bool first = true;; first = false) {
        Result<wire::Json> answer =
            post_job(connection, "/v1/jobs", text, {{"Idempotency-Key", key}});
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

Result<int> show_dry_run(const Globals& globals, Connection& connection, const std::string& text) {
    const wire::Json offers = TRY(post_job(connection, "/v1/jobs?dry_run=true", text));
    if (is_structured(globals)) {
        print_structured(globals, offers);
    } else {
        wire::Json filled;
        filled["name"] = member(offers, "name");
        filled["spec"] = member(offers, "spec");
        print_line("# as it would be submitted");
        print_line(to_yaml(filled));
        print_candidates(globals, offers);
    }
    if (would_be_refused(offers)) return exit_code(ErrorKind::invalid);
    return is_null(offers, "chosen") ? 1 : 0;
}

Result<int> submit(const SubmitOptions& options, const Globals& globals) {
    const Duration retry_for = TRY(parse_duration(options.retry_for));
    const std::string text = TRY(read_job_text(options.file));
    Connection connection = TRY(Connection::open(globals));
    if (options.dry_run) return show_dry_run(globals, connection, text);

    const std::string key = options.key.empty() ? to_hex(random_bytes(key_bytes)) : options.key;
    const wire::Json submitted = TRY(submit_until(connection, text, key, retry_for));
    const std::int64_t id = number(submitted, "id");
    if (!options.wait) {
        if (is_structured(globals)) {
            print_structured(globals, submitted);
        } else {
            print_line(std::to_string(id));
        }
        return 0;
    }
    remark(fmt::format("job {} ({}) is accepted; waiting for its end", id,
                       app::text(submitted, "name")));
    const std::optional<wire::Json> job = TRY(wait_for_end(connection, id, std::nullopt));
    if (is_structured(globals)) {
        print_structured(globals, *job);
    } else {
        print_line(std::to_string(id));
    }
    const std::string cost = yuan(*job, "cost");
    remark(fmt::format("job {} {} {} at {}, ¥{}", id, state_word(*job).word, exit_word(*job),
                       app::text(*job, "center"), cost));
    return exit_code_of(*job);
}

}  // namespace

Verb submit_verb() {
    const auto options = std::make_shared<SubmitOptions>();
    return {
        .name = "submit",
        .help = "Submit a job file and print the job's id",
        .options = {{"FILE", &options->file, "job file, YAML or JSON; - is stdin", true},
                    {"--dry-run", &options->dry_run,
                     "show the job with its defaults and its offers; submit nothing"},
                    {"--wait", &options->wait, "wait for the end; exit with the job's own code"},
                    {"--key", &options->key,
                     "idempotency key: the same key never makes a second job"},
                    {"--retry-for", &options->retry_for,
                     "go on trying this long while the server is away (30s)"}},
        .run = [options](const Globals& globals) { return submit(*options, globals); },
    };
}

}  // namespace dayu::app
