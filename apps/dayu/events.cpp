// dayu events: the journal, entry by entry. Followed, a broken connection is taken up where it was, so
// that no entry is missed or shown twice.
#include <cstdio>
#include <memory>
#include <optional>

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
    std::int64_t job = 0;
    bool follow = false;
};

std::string job_param(const EventsOptions& options) {
    return options.job == 0 ? "" : std::to_string(options.job);
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
    std::int64_t after = options.after;
    while (true) {
        const wire::Json page = TRY(
            connection.get(with_query("/v1/events", {{"after", std::to_string(after)},
                                                     {"job", job_param(options)},
                                                     {"limit", std::to_string(entries_a_page)}})));
        const wire::Json::Array* entries = page.as_array();
        if (entries == nullptr || entries->empty()) break;
        after = number(entries->back(), "seq");
        for (const wire::Json& entry : *entries) {
            is_structured(globals) ? all.push_back(entry) : print_entry(globals, entry);
        }
        if (std::ssize(*entries) < entries_a_page) break;
    }
    if (is_structured(globals)) print_structured(globals, std::move(all));
    return 0;
}

Result<int> follow_events(const EventsOptions& options, const Globals& globals) {
    Connection connection = TRY(Connection::open(globals));
    std::string last_seen = std::to_string(options.after);
    Instant heard = system_clock().instant();
    while (true) {
        http::EventStreamParser parser;
        std::optional<Error> malformed;
        const auto take = [&](std::string_view bytes) {
            heard = system_clock().instant();
            const Result<std::vector<http::ServerEvent>> events = parser.feed(bytes);
            if (!events.ok()) {
                malformed = events.error();
                return false;
            }
            for (const http::ServerEvent& event : *events) {
                const Result<wire::Json> entry = wire::parse_json(event.data);
                if (!entry.ok()) malformed = entry.error();
                if (!entry.ok()) return false;
                print_entry(globals, *entry);
                last_seen = event.id;
            }
            return std::ferror(stdout) == 0;
        };
        const Result<http::Response> ended = connection.client().stream(
            {.path = with_query("/v1/events", {{"job", job_param(options)}}),
             .headers = {{"Accept", "text/event-stream"}, {"Last-Event-ID", last_seen}}},
            take);
        if (malformed) return *malformed;
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
    if (options.after < 0 || options.job < 0) {
        return invalid("usage", "--after and --job take numbers that are not negative");
    }
    return options.follow ? follow_events(options, globals) : list_events(options, globals);
}

}  // namespace

Verb events_verb() {
    const auto options = std::make_shared<EventsOptions>();
    return {
        .name = "events",
        .help = "Print the journal: all that has happened",
        .options = {{"--after", &options->after, "entries past this sequence number (0)"},
                    {"--job", &options->job, "only what concerns this job"},
                    {"-f,--follow", &options->follow, "go on as new ones come"}},
        .run = [options](const Globals& globals) { return events(*options, globals); },
    };
}

}  // namespace dayu::app
