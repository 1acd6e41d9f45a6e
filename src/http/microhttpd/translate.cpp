#include "http/microhttpd/translate.h"

#include <microhttpd.h>

#include <charconv>
#include <cstring>
#include <string>
#include <utility>

#include "base/log.h"
#include "http/microhttpd/exchange.h"
#include "http/problem.h"

namespace dayu::http {
namespace {

constexpr std::size_t stream_block_bytes = 16 << 10;  // what is copied at once into a stream

std::string text_or_empty(const char* text) { return text ? text : std::string(); }

MHD_Result take_header(void* into, MHD_ValueKind, const char* name, const char* value) {
    static_cast<NamedValues*>(into)->push_back({text_or_empty(name), text_or_empty(value)});
    return MHD_YES;
}

MHD_Result take_query(void* into, MHD_ValueKind, const char* name, const char* value) {
    static_cast<NamedValues*>(into)->push_back(
        {percent_decode(text_or_empty(name)), percent_decode(text_or_empty(value))});
    return MHD_YES;
}

void add_header(MHD_Response* response, const std::string& name, const std::string& value) {
    if (MHD_add_response_header(response, name.c_str(), value.c_str()) != MHD_YES) {
        log_error("http: the header {} cannot be sent: its name or value is not allowed", name);
    }
}

bool queue_with_headers(MHD_Connection* connection, MHD_Response* response, int status,
                        const std::string& content_type, const NamedValues& headers) {
    if (!response) return false;
    if (!content_type.empty()) add_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, content_type);
    for (const NamedValue& header : headers) add_header(response, header.name, header.value);
    const bool queued =
        MHD_queue_response(connection, static_cast<unsigned>(status), response) == MHD_YES;
    MHD_destroy_response(response);  // libmicrohttpd has counted its own reference
    if (!queued) log_error("http: an answer with status {} was refused", status);
    return queued;
}

void free_body(void* body) { delete static_cast<std::string*>(body); }

ssize_t read_stream(void* exchange, std::uint64_t, char* to, std::size_t most) {
    return (*static_cast<std::shared_ptr<Exchange>*>(exchange))->read_stream(to, most);
}

void free_stream(void* exchange) { delete static_cast<std::shared_ptr<Exchange>*>(exchange); }

}  // namespace

Request read_request(MHD_Connection* connection, const char* method, const char* url,
                     const std::string& peer) {
    Request request;
    request.method = method;
    request.path = url;
    request.peer = peer;
    request.headers.reserve(8);
    MHD_get_connection_values(connection, MHD_HEADER_KIND, take_header, &request.headers);
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, take_query, &request.query);
    return request;
}

std::optional<std::size_t> announced_body_bytes(MHD_Connection* connection) {
    const char* text =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    if (!text) return std::nullopt;
    std::size_t bytes = 0;
    const auto parsed = std::from_chars(text, text + std::strlen(text), bytes);
    if (parsed.ec == std::errc::result_out_of_range) return SIZE_MAX;
    if (parsed.ec != std::errc()) return std::nullopt;
    return bytes;
}

Response body_too_large(std::size_t limit_bytes) {
    return problem(413, exhausted("body_too_large", "the body is larger than the " +
                                                        std::to_string(limit_bytes) +
                                                        " bytes that are accepted"));
}

bool queue(MHD_Connection* connection, Response response) {
    auto body = std::make_unique<std::string>(std::move(response.body));
    MHD_Response* answer = MHD_create_response_from_buffer_with_free_callback_cls(
        body->size(), body->data(), free_body, body.get());
    if (answer) body.release();
    return queue_with_headers(connection, answer, response.status, response.content_type,
                              response.headers);
}

bool queue_stream(MHD_Connection* connection, const StreamHead& head,
                  std::shared_ptr<Exchange> exchange) {
    auto owner = std::make_unique<std::shared_ptr<Exchange>>(std::move(exchange));
    MHD_Response* answer = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, stream_block_bytes,
                                                             read_stream, owner.get(), free_stream);
    if (answer) owner.release();
    return queue_with_headers(connection, answer, head.status, head.content_type, head.headers);
}

}  // namespace dayu::http
