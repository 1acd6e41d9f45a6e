// dayu wait JOB...: until all of them have ended.
#include <algorithm>
#include <memory>
#include <optional>

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/job_name.h"
#include "dayu/outcome.h"
#include "dayu/output.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

struct WaitOptions {
    std::vector<std::string> jobs;
    std::string timeout;
};

// The first code that is not 0, in the order of the arguments; 124 when the time ran out.
Result<int> wait_for_jobs(const WaitOptions& options, const Globals& globals) {
    std::optional<Duration> timeout;
    if (!options.timeout.empty()) timeout = TRY(parse_duration(options.timeout));
    Connection connection = TRY(Connection::open(globals));
    std::vector<std::int64_t> ids;
    for (const std::string& job : options.jobs) {
        for (const std::int64_t id : TRY(find_jobs(connection, job))) ids.push_back(id);
    }

    const Clock& clock = system_clock();
    const Instant begin = clock.instant();
    wire::Json::Array ended;
    int code = 0;
    bool ran_out = false;
    for (const std::int64_t id : ids) {
        std::optional<Duration> left;
        if (timeout) left = std::max(milliseconds(0), *timeout - (clock.instant() - begin));
        std::optional<wire::Json> job = TRY(wait_for_end(connection, id, left));
        if (!job) {
            remark(fmt::format("dayu: job {} has not ended within {}", id, options.timeout));
            ran_out = true;
            continue;
        }
        remark(fmt::format("job {} {} {}", id, state_word(*job).word, exit_word(*job)));
        if (code == 0) code = exit_code_of(*job);
        ended.push_back(*std::move(job));
    }
    if (is_structured(globals)) print_structured(globals, std::move(ended));
    return ran_out ? exit_wait_ran_out : code;
}

}  // namespace

Verb wait_verb() {
    const auto options = std::make_shared<WaitOptions>();
    return {
        .name = "wait",
        .help = "Wait until jobs have ended; exit with the job's own code",
        .options = {{"JOB", &options->jobs, "jobs: 41, a task 41_3, or the id of an array", true},
                    {"--timeout", &options->timeout,
                     "give up after this long, with exit code 124: 30s, 2h, ..."}},
        .run = [options](const Globals& globals) { return wait_for_jobs(*options, globals); },
    };
}

}  // namespace dayu::app
