// dayu top: the whole at a glance, repainted: centres with what they have and what of it is free, jobs by
// state, and the jobs that run and wait.
#include "dayu/top.h"

#include <map>
#include <memory>

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/connection.h"
#include "dayu/job_table.h"
#include "dayu/output.h"
#include "dayu/screen.h"
#include "dayu/verbs.h"
#include "dayu/watch.h"

namespace dayu::app {
namespace {

using Kind = Column::Kind;

constexpr std::int64_t most_jobs = 5000;  // looked at each time
constexpr std::int64_t jobs_a_page = 1000;
constexpr std::int64_t meter_columns = 10;
constexpr Duration patience = seconds(5);

struct Overview {
    std::string version;
    wire::Json::Array centers;
    wire::Json::Array jobs;  // that have not ended, newest first
    bool is_whole = true;
};

Result<Overview> look(Connection& connection) {
    Overview overview;
    overview.version = text(TRY(connection.get("/v1/version", patience)), "version");
    overview.centers = list(TRY(connection.get("/v1/centers", patience)), "centers");
    std::string before;
    while (std::ssize(overview.jobs) < most_jobs) {
        const wire::Json page = TRY(connection.get(
            with_query("/v1/jobs", {{"before", before}, {"limit", std::to_string(jobs_a_page)}}),
            patience));
        for (const wire::Json& job : list(page, "jobs")) overview.jobs.push_back(job);
        if (is_null(page, "next")) return overview;
        before = std::to_string(number(page, "next"));
    }
    overview.is_whole = false;
    return overview;
}

// "####......": how much of it is in use.
std::string meter(std::int64_t used, std::int64_t all) {
    if (all <= 0) return {};
    const std::int64_t filled = (used * meter_columns + all - 1) / all;
    return std::string(static_cast<std::size_t>(filled), '#') +
           std::string(static_cast<std::size_t>(meter_columns - filled), '.');
}

std::string chips_text(std::int64_t milli) {
    return milli % 1000 == 0 ? fmt::format("{}", milli / 1000)
                             : fmt::format("{:.2f}", static_cast<double>(milli) / 1000);
}

Table pool_table(const wire::Json::Array& centers) {
    Table table({{"CENTER"},
                 {"CONTACT"},
                 {"POOL"},
                 {"CHIP"},
                 {"CHIPS USED/ALL", Kind::number},
                 {"CPUS USED/ALL", Kind::number},
                 {"GiB USED/ALL", Kind::number},
                 {"IN USE"},
                 {"RUNNING", Kind::number}});
    for (const wire::Json& center : centers) {
        const std::string contact = text(center, "contact");
        const Color color = contact == "ok"     ? Color::green
                            : contact == "lost" ? Color::red
                                                : Color::yellow;
        for (const wire::Json& pool : list(center, "pools")) {
            const std::int64_t chips = number(pool, "chips_milli"), cpus = number(pool, "cpus"),
                               memory = number(pool, "memory_mib");
            const std::int64_t chips_used = chips - number(pool, "free_chips_milli"),
                               cpus_used = cpus - number(pool, "free_cpus"),
                               memory_used = memory - number(pool, "free_memory_mib");
            const bool by_chips = chips > 0;
            table.add({text(center, "name"),
                       {contact, color},
                       text(pool, "name"),
                       by_chips ? text(pool, "chip") : "cpu",
                       by_chips ? chips_text(chips_used) + "/" + chips_text(chips) : "",
                       fmt::format("{}/{}", cpus_used, cpus),
                       gibibytes(memory_used) + "/" + gibibytes(memory),
                       by_chips ? meter(chips_used, chips) : meter(cpus_used, cpus),
                       std::to_string(number(pool, "running"))});
        }
    }
    return table;
}

std::string states_text(const Overview& overview) {
    std::map<std::string, std::int64_t> counts;
    for (const wire::Json& job : overview.jobs) ++counts[state_word(job).word];
    std::string line =
        fmt::format("jobs: {}{}", overview.jobs.size(), overview.is_whole ? "" : "+");
    for (const auto& [word, count] : counts) line += fmt::format("  {} {}", word, count);
    return line;
}

// What runs stands above what waits; each newest first, as the server lists them.
wire::Json::Array in_order(const wire::Json::Array& jobs) {
    wire::Json::Array ordered;
    for (const bool runs : {true, false}) {
        for (const wire::Json& job : jobs) {
            if ((text(job, "state") == "ACTIVE") == runs) ordered.push_back(job);
        }
    }
    return ordered;
}

Result<int> show(Connection& connection, const Globals& globals) {
    const Overview overview = TRY(look(connection));
    if (is_structured(globals)) {
        wire::Json json;
        json["centers"] = overview.centers;
        json["jobs"] = overview.jobs;
        print_structured(globals, json);
        return 0;
    }
    print_line(fmt::format("dayu {} at {}; {} centre(s); {}", overview.version,
                           connection.target().url, overview.centers.size(),
                           states_text(overview)));
    print_line("");
    if (overview.centers.empty()) {
        print_line("No centre has joined yet; start one with `dayu agent --config FILE`.");
    } else {
        print_table(globals, pool_table(overview.centers));
    }
    print_line("");
    if (overview.jobs.empty()) {
        print_line("No job runs or waits.");
    } else {
        print_table(globals, job_table(in_order(overview.jobs), globals.output));
    }
    return 0;
}

}  // namespace

std::vector<Option> options_of(TopOptions& options) {
    return {{"-d,--delay", &options.delay, "between two looks (2s)"},
            {"-1,--once", &options.once, "print it once, as it does without a terminal"}};
}

Result<int> repaint(const TopOptions& options, const Globals& globals,
                    const std::function<Result<int>()>& look) {
    const Duration delay = TRY(parse_duration(options.delay));
    if (delay < shortest_watch) {
        return invalid(
            "usage", "--delay " + options.delay + ": the shortest is " + to_string(shortest_watch));
    }
    if (options.once || is_structured(globals) || !Screen::is_possible()) return look();
    return watch(globals, delay, "q ends", look);
}

Verb top_verb() {
    const auto options = std::make_shared<TopOptions>();
    return {
        .name = "top",
        .help = "Show centres and jobs at a glance, repainted until q",
        .options = options_of(*options),
        .run = [options](const Globals& globals) -> Result<int> {
            Connection connection = TRY(Connection::open(globals));
            return repaint(*options, globals, [&] { return show(connection, globals); });
        },
        .can_watch = true,
        .detail =
            "q and Ctrl-C end it, Ctrl-Z stops it for a while, and any other key looks again "
            "at once. It looks at the 5000 newest jobs that have not ended.",
        .examples = {"dayu top", "dayu top -d 10s", "dayu top --once -o json"},
    };
}

}  // namespace dayu::app
