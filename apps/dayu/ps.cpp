// dayu ps: jobs, in Slurm's words.
#include <algorithm>
#include <memory>

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/connection.h"
#include "dayu/job_table.h"
#include "dayu/output.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

constexpr std::int64_t jobs_a_page = 1000;

struct PsOptions {
    bool all = false;
    std::vector<std::string> states, kinds, centers, names, users, projects;
    std::string since;
    std::string array;
    std::int64_t limit = 200;
};

// "2h" is two hours ago; anything else the server reads as a time.
std::string time_of(const std::string& since) {
    const Result<Duration> ago = parse_duration(since);
    return !since.empty() && ago ? to_string(system_clock().now() - *ago) : since;
}

Result<wire::Json::Array> list_jobs(Connection& connection, const PsOptions& options) {
    wire::Json::Array jobs;
    const std::string since = time_of(options.since);
    std::string before;
    while (std::ssize(jobs) < options.limit) {
        const std::int64_t page_size = std::min(options.limit - std::ssize(jobs), jobs_a_page);
        const wire::Json page =
            TRY(connection.get(with_query("/v1/jobs", {{"all", options.all ? "true" : ""},
                                                       {"state", join(options.states, ",")},
                                                       {"kind", join(options.kinds, ",")},
                                                       {"center", join(options.centers, ",")},
                                                       {"name", join(options.names, ",")},
                                                       {"user", join(options.users, ",")},
                                                       {"project", join(options.projects, ",")},
                                                       {"since", since},
                                                       {"array", options.array},
                                                       {"before", before},
                                                       {"limit", std::to_string(page_size)}})));
        for (const wire::Json& job : list(page, "jobs")) jobs.push_back(job);
        if (is_null(page, "next")) break;
        before = std::to_string(number(page, "next"));
    }
    return jobs;
}

Result<int> show_jobs(const PsOptions& options, const Globals& globals) {
    if (options.limit < 1) {
        return invalid("usage", fmt::format("--limit {} should be at least 1", options.limit));
    }
    Connection connection = TRY(Connection::open(globals));
    wire::Json::Array jobs = TRY(list_jobs(connection, options));
    if (is_structured(globals)) {
        print_structured(globals, std::move(jobs));
    } else {
        print_table(globals, job_table(jobs, globals.output));
        if (std::ssize(jobs) == options.limit) {
            remark(fmt::format("dayu: the newest {}; --limit shows more", options.limit));
        }
    }
    return 0;
}

}  // namespace

Verb ps_verb() {
    const auto options = std::make_shared<PsOptions>();
    return {
        .name = "ps",
        .help = "List jobs, newest first",
        .options = {{"-a,--all", &options->all, "ended jobs too"},
                    {"--state",
                     &options->states,
                     "only jobs in these states: PENDING, ACTIVE, ...",
                     false,
                     {"PENDING", "HELD", "ACTIVE", "COMPLETED", "FAILED", "TIMEOUT",
                      "OUT_OF_MEMORY", "CANCELLED", "DEADLINE"}},
                    {"--kind",
                     &options->kinds,
                     "only jobs of these kinds",
                     false,
                     {"train", "finetune", "batch", "service", "notebook"}},
                    {"--center", &options->centers, "only jobs whose latest attempt is there"},
                    {"--name", &options->names,
                     "only jobs called so; 'sweep-*' is all that begin so"},
                    {"--user", &options->users, "only jobs that these have submitted"},
                    {"--project", &options->projects, "only jobs of these projects"},
                    {"--since", &options->since,
                     "not submitted earlier: a time, or 2h for so long ago"},
                    {"--array", &options->array, "only tasks of this array"},
                    {"--limit", &options->limit, "at most so many (200)"}},
        .run = [options](const Globals& globals) { return show_jobs(*options, globals); },
        .can_watch = true,
    };
}

}  // namespace dayu::app
