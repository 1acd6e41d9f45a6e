// GET /v1/jobs/{id}/log: bytes of an attempt's output, fetched from the centre where it lies. With
// wait_s the agent is asked again and again until there is something new.
#include <memory>
#include <utility>

#include "base/base64.h"
#include "rest/answer.h"
#include "rest/resources.h"

namespace dayu::rest {
namespace {

constexpr std::int64_t max_wait_s = 50;
constexpr Duration ask_again_after = milliseconds(250);

struct Reader {
    ContextPtr context;
    http::Responder responder;
    runtime::LogQuery query;
    Instant deadline;
};

Result<runtime::LogQuery> log_query(const http::Request& request) {
    constexpr auto most = static_cast<std::int64_t>(runtime::max_log_chunk_bytes);
    runtime::LogQuery query;
    query.job = TRY(job_in_path(request));
    query.attempt = TRY(query_number(request, "attempt", {}));
    query.node = TRY(query_number(request, "node", {}));
    query.offset = TRY(query_number(request, "offset", {.least = INT64_MIN}));
    query.limit =
        TRY(query_number(request, "limit", {.least = 1, .most = most, .otherwise = most}));
    return query;
}

http::Response log_response(const LogChunk& chunk) {
    auto bytes = decode_base64(chunk.base64);
    const auto size = bytes ? std::ssize(*bytes) : 0;
    if (!bytes || chunk.offset < 0 || chunk.offset > INT64_MAX - size) {
        return refuse(internal("log_malformed",
                               "the agent has sent a log that is not base64, or lies nowhere"));
    }
    const auto word = [](bool value) { return std::string(value ? "true" : "false"); };
    return {.status = 200,
            .body = std::move(*bytes),
            .content_type = "application/octet-stream",
            .headers = {{"Dayu-Log-Offset", std::to_string(chunk.offset)},
                        {"Dayu-Log-Next", std::to_string(chunk.offset + size)},
                        {"Dayu-Log-At-End", word(chunk.at_end)},
                        {"Dayu-Log-Complete", word(chunk.complete)}}};
}

void ask(const std::shared_ptr<Reader>& reader);

// Called on the control thread, so decoding is left to a worker.
void take(const std::shared_ptr<Reader>& reader, const Result<LogChunk>& chunk) {
    if (!chunk) return reader->responder.send(refuse(chunk.error()));
    const bool nothing_yet = chunk->base64.empty() && !chunk->complete;
    const Instant next = system_clock().instant() + ask_again_after;
    if (nothing_yet && next < reader->deadline && !reader->responder.gone()) {
        reader->query.offset = chunk->offset;
        reader->context->timers.at(next, [reader] { ask(reader); });
        return;
    }
    const bool posted = reader->context->workers.post(
        [reader, found = *chunk] { reader->responder.send(log_response(found)); });
    if (!posted) reader->responder.send(log_response(*chunk));
}

void ask(const std::shared_ptr<Reader>& reader) {
    reader->context->loop.read_log(
        reader->query, [reader](const Result<LogChunk>& chunk) { take(reader, chunk); });
}

}  // namespace

void read_job_log(const ContextPtr& context, Call call, const http::Responder& responder) {
    const auto query = log_query(call.request);
    if (!query) return refuse_call(*context, call.caller, responder, query.error());
    const auto wait_s = query_number(call.request, "wait_s", {.most = max_wait_s});
    if (!wait_s) return refuse_call(*context, call.caller, responder, wait_s.error());
    const Instant deadline = system_clock().instant() + seconds(*wait_s);
    ask(std::make_shared<Reader>(Reader{context, responder, *query, deadline}));
}

}  // namespace dayu::rest
