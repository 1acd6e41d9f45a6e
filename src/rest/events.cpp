// GET /v1/events: entries of the journal, as a list or as a stream that goes on.
#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "http/event_stream.h"
#include "rest/answer.h"
#include "rest/event_filter.h"
#include "rest/resources.h"

namespace dayu::rest {
namespace {

constexpr std::int64_t max_entries_a_list = 1000;
constexpr std::int64_t default_entries_a_list = 100;
constexpr std::size_t max_entries_looked_through = 65'536;  // for one list
constexpr std::size_t entries_a_look = 4096;

bool wants_stream(const http::Request& request) {
    const auto accept = request.header("Accept");
    return request.method == "GET" && accept &&
           accept->find("text/event-stream") != std::string_view::npos;
}

struct Wanted {
    EventFilter filter;
    Seq after;
    std::size_t limit = 0;
};

Result<Wanted> wanted_entries(const Known& known, const http::Request& request) {
    Wanted wanted{.filter = TRY(event_filter(known, request)), .after = {}};
    std::int64_t after = TRY(query_number(request, "after", {}));
    if (const auto last = request.header("Last-Event-ID"); last && !last->empty()) {
        after = TRY(parse_number("Last-Event-ID", *last, {}));
    }
    wanted.after.value = static_cast<std::uint64_t>(after);
    wanted.limit = static_cast<std::size_t>(TRY(query_number(
        request, "limit",
        {.least = 1, .most = max_entries_a_list, .otherwise = default_entries_a_list})));
    return wanted;
}

// Goes on until there are enough, or until enough was looked through.
Result<FoundEntries> find_enough(runtime::Loop& loop, const Wanted& wanted) {
    FoundEntries all{.entries = {}, .reached = wanted.after};
    const std::size_t look = wanted.filter.takes_all() ? wanted.limit : entries_a_look;
    for (std::size_t seen = 0; seen < max_entries_looked_through && !all.at_end; seen += look) {
        FoundEntries more = TRY(find_entries(loop, wanted.filter, all.reached, look));
        const std::size_t room = wanted.limit - all.entries.size();
        const bool is_enough = more.entries.size() >= room;
        if (more.entries.size() > room) {
            more.entries.resize(room);
            more.reached = more.entries.back().seq;
            more.at_end = false;
        }
        std::ranges::move(more.entries, std::back_inserter(all.entries));
        all.reached = more.reached;
        all.at_end = more.at_end;
        if (is_enough) break;
    }
    return all;
}

Result<http::Response> list_events(Context& context, const Call& call) {
    const Wanted wanted = TRY(wanted_entries(*context.registry.known(), call.request));
    const FoundEntries found = TRY(find_enough(context.loop, wanted));
    std::string json = "[";
    for (const auto& entry : found.entries) {
        if (json.size() > 1) json += ",\n";
        json += *entry.bytes;
    }
    http::Response response = answer_text(json + "]");
    response.headers.push_back({"Dayu-Events-Next", std::to_string(found.reached.value)});
    response.headers.push_back({"Dayu-Events-At-End", found.at_end ? "true" : "false"});
    return response;
}

}  // namespace

void read_events(const ContextPtr& context, Call call, const http::Responder& responder) {
    if (!wants_stream(call.request)) {
        return read_later(context, list_events, std::move(call), responder);
    }
    auto wanted = wanted_entries(*context->registry.known(), call.request);
    if (!wanted) return refuse_call(*context, call.caller, responder, wanted.error());
    if (!context->event_streams.has_room()) {
        return responder.send(refuse(exhausted(
            "too_many_streams", std::to_string(max_event_streams) + " streams are open already")));
    }
    http::StreamHead head;
    head.headers.push_back({"Cache-Control", "no-store"});
    head.heartbeat = std::string(http::event_stream_heartbeat);
    head.farewell = event_stream_farewell(
        exhausted("reader_too_slow",
                  "you read more slowly than entries come, and more than what is "
                  "kept for one reader waited; resume behind the last id"));
    context->event_streams.add({.stream = responder.stream(std::move(head)),
                                .cursor = wanted->after,
                                .filter = std::move(wanted->filter),
                                .token = call.caller.token});
}

}  // namespace dayu::rest
