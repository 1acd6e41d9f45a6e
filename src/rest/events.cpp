// GET /v1/events: entries of the journal, as a list or as a stream that goes on.
#include <string>
#include <utility>

#include "http/event_stream.h"
#include "rest/answer.h"
#include "rest/resources.h"

namespace dayu::rest {
namespace {

constexpr std::int64_t max_entries_a_list = 1000;
constexpr std::int64_t default_entries_a_list = 100;

bool wants_stream(const http::Request& request) {
    const auto accept = request.header("Accept");
    return request.method == "GET" && accept &&
           accept->find("text/event-stream") != std::string_view::npos;
}

Result<journal::EntryQuery> entry_query(const http::Request& request) {
    journal::EntryQuery query;
    std::int64_t after = TRY(query_number(request, "after", {}));
    if (const auto last = request.header("Last-Event-ID"); last && !last->empty()) {
        after = TRY(parse_number("Last-Event-ID", *last, {}));
    }
    query.after.value = static_cast<std::uint64_t>(after);
    query.job.value = static_cast<std::uint64_t>(TRY(query_number(request, "job", {.least = 1})));
    query.limit = static_cast<std::size_t>(TRY(query_number(
        request, "limit",
        {.least = 1, .most = max_entries_a_list, .otherwise = default_entries_a_list})));
    return query;
}

Result<http::Response> list_events(Context& context, const Call& call) {
    const journal::EntryQuery query = TRY(entry_query(call.request));
    std::string json = "[";
    for (const auto& entry : TRY(read_entries(context.loop, query))) {
        if (json.size() > 1) json += ",\n";
        json += *entry.bytes;
    }
    return answer_text(json + "]");
}

}  // namespace

void read_events(const ContextPtr& context, Call call, const http::Responder& responder) {
    if (!wants_stream(call.request)) {
        return read_later(context, list_events, std::move(call), responder);
    }
    const auto query = entry_query(call.request);
    if (!query) return refuse_call(*context, call.caller, responder, query.error());
    if (!context->event_streams.has_room()) {
        return responder.send(refuse(exhausted(
            "too_many_streams", std::to_string(max_event_streams) + " streams are open already")));
    }
    http::StreamHead head;
    head.headers.push_back({"Cache-Control", "no-store"});
    head.heartbeat = std::string(http::event_stream_heartbeat);
    context->event_streams.add(responder.stream(std::move(head)), query->after, query->job);
}

}  // namespace dayu::rest
