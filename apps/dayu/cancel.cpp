// dayu cancel JOB...: a job that waits ends at once, one that runs is asked to stop.
#include <memory>
#include <optional>

#include <fmt/core.h>

#include "dayu/connection.h"
#include "dayu/output.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

// All are tried; the first refusal decides the exit code.
Result<int> cancel(const std::vector<std::string>& jobs, const Globals& globals) {
    std::vector<std::int64_t> ids;
    for (const std::string& job : jobs) ids.push_back(TRY(parse_job_id(job)));
    Connection connection = TRY(Connection::open(globals));
    std::optional<Error> refused;
    wire::Json::Array cancelled;
    for (const std::int64_t id : ids) {
        Result<wire::Json> done = connection.post(job_path(id, "/cancel"));
        if (!done.ok()) {
            if (refused) remark(fmt::format("dayu: job {}: {}", id, done.error().message));
            if (!refused) refused = done.error();
            continue;
        }
        (*done)["id"] = id;
        cancelled.push_back(*std::move(done));
        remark(fmt::format("job {} is asked to end", id));
    }
    if (is_structured(globals)) print_structured(globals, std::move(cancelled));
    if (refused) return *refused;
    return 0;
}

}  // namespace

Verb cancel_verb() {
    const auto jobs = std::make_shared<std::vector<std::string>>();
    return {
        .name = "cancel",
        .help = "Cancel jobs",
        .options = {{"JOB", jobs.get(), "job ids", true}},
        .run = [jobs](const Globals& globals) { return cancel(*jobs, globals); },
    };
}

}  // namespace dayu::app
