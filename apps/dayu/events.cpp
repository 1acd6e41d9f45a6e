// dayu events: the journal, entry by entry. Followed, a broken connection is taken up where it was, so
// that no entry is missed or shown twice.
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/connection.h"
#include "dayu/outcome.h"
#include "dayu/output.h"
#include "dayu/verbs.h"
#include "http/event_stream.h"

namespace dayu::app {
namespace {

constexpr std::int64_t entries_a_page = 1000;
constexpr Duration retry_pause = seconds(1);
constexpr Duration bears_silence = seconds(300);

struct EventsOptions {
    std::int64_t after = 0;
    std::vector<std::string> types, jobs, centers, projects, users;
    bool follow = false;
};

std::string path_of(const EventsOptions& options,
                    std::vector<std::pair<std::string, std::string>> params) {
    params.emplace_back("type", join(options.types, ","));
    params.emplace_back("job", join(options.jobs, ","));
    params.emplace_back("center", join(options.centers, ","));
    params.emplace_back("project", join(options.projects, ","));
    params.emplace_back("user", join(options.users, ","));
    return with_query("/v1/events", params);
}

// For people a line an entry; for programs a JSON object a line.
void print_entry(const Globals& globals, const wire::Json& entry) {
    if (globals.output == OutputFormat::json) {
        print_line(to_text(entry));
    } else if (globals.output == OutputFormat::yaml) {
        print_line("---");
        print_structured(globals, entry);
    } else {
        print_line(fmt::format("{:>7}  {}  {:<18} {:<14} {}", number(entry, "seq"),
                               local_time(text(entry, "at")), text(entry, "type"),
                               text(entry, "actor"), to_text(member(entry, "data"))));
    }
    std::fflush(stdout);
}

Result<int> list_events(const EventsOptions& options, const Globals& globals) {
    Connection connection = TRY(Connection::open(globals));
    wire::Json::Array all;
    std::string after = std::to_string(options.after);
    bool at_end = false;
    while (!at_end) {
        const http::Response page = TRY(connection.fetch(
            {.path =
                 path_of(options, {{"after", after}, {"limit", std::to_string(entries_a_page)}})}));
        const wire::Json entries = TRY(wire::parse_json(page.body));
        if (entries.as_array() == nullptr) break;
        for (const wire::Json& entry : *entries.as_array()) {
            is_structured(globals) ? all.push_back(entry) : print_entry(globals, entry);
        }
        after = page.header("Dayu-Events-Next").value_or(after);
        at_end = page.header("Dayu-Events-At-End").value_or("true") == "true";
    }
    if (is_structured(globals)) print_structured(globals, std::move(all));
    return 0;
}

// The server's last words on a stream. A reader that was too slow simply goes on; all else is the end.
std::optional<Error> last_words(const http::ServerEvent& event) {
    const Result<wire::Json> problem = wire::parse_json(event.data);
    const auto status = problem.ok() ? number(*problem, "status") : 500;
    Error error = error_from({.status = static_cast<int>(status), .body = event.data});
    if (error.code == "reader_too_slow") return std::nullopt;
    return error;
}

Result<int> follow_events(const EventsOptions& options, const Globals& globals) {
    Connection connection = TRY(Connection::open(globals));
    std::string last_seen = std::to_string(options.after);
    Instant heard = system_clock().instant();
    while (true) {
        http::EventStreamParser parser;
        std::optional<Error> stopped_by;
        const auto take = [&](std::string_view bytes) {
            heard = system_clock().instant();
            const Result<std::vector<http::ServerEvent>> events = parser.feed(bytes);
            if (!events.ok()) {
                stopped_by = events.error();
                return false;
            }
            if (!parser.last_id().empty())
                last_seen = parser.last_id();  // also past what was filtered out
            for (const http::ServerEvent& event : *events) {
                if (event.event == "problem") {
                    stopped_by = last_words(event);
                    return false;
                }
                const Result<wire::Json> entry = wire::parse_json(event.data);
                if (!entry.ok()) stopped_by = entry.error();
                if (!entry.ok()) return false;
                print_entry(globals, *entry);
            }
            return std::ferror(stdout) == 0;
        };
        const Result<http::Response> ended = connection.client().stream(
            {.path = path_of(options, {}),
             .headers = {{"Accept", "text/event-stream"}, {"Last-Event-ID", last_seen}}},
            take);
        if (stopped_by) return *stopped_by;
        if (std::ferror(stdout) != 0) return 0;  // nobody reads any more
        if (ended.ok() && ended->status != 200) return error_from(*ended);
        if (!ended.ok() && ended.error().kind != ErrorKind::unavailable) return ended.error();
        if (system_clock().instant() - heard > bears_silence) {
            return ended.ok() ? unavailable("stream_ended", "the server ended the stream")
                              : ended.error();
        }
        pause(retry_pause);
    }
}

Result<int> events(const EventsOptions& options, const Globals& globals) {
    if (options.after < 0) return invalid("usage", "--after takes a number that is not negative");
    return options.follow ? follow_events(options, globals) : list_events(options, globals);
}

}  // namespace

Verb events_verb() {
    const auto options = std::make_shared<EventsOptions>();
    return {
        .name = "events",
        .help = "Print the journal: all that has happened",
        .options = {{"--after", &options->after, "entries past this sequence number (0)"},
                    {"--type", &options->types, "only entries of these types: job_ended, ..."},
                    {"--job", &options->jobs, "only what concerns these jobs"},
                    {"--center", &options->centers,
                     "only what concerns these centres and what runs there"},
                    {"--project", &options->projects, "only what concerns these projects"},
                    {"--user", &options->users,
                     "only what these have done: admin, agent:wuhan, scheduler"},
                    {"-f,--follow", &options->follow, "go on as new ones come"}},
        .run = [options](const Globals& globals) { return events(*options, globals); },
        .detail =
            "Filters may be given several times, or with commas between values; an entry must suit "
            "all of "
            "them.",
        .examples = {"dayu events -f --type job_ended,attempt_ended --center wuhan"},
    };
}

}  // namespace dayu::app
