// Between libmicrohttpd's words and ours: a Request out of a connection, a Response into one.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "http/message.h"
#include "http/responder.h"

struct MHD_Connection;

namespace dayu::http {

// All but the body.
Request read_request(MHD_Connection* connection, const char* method, const char* url,
                     const std::string& peer);

// What Content-Length announces; nothing for chunked bodies and none.
std::optional<std::size_t> announced_body_bytes(MHD_Connection* connection);

Response body_too_large(std::size_t limit_bytes);

// False: libmicrohttpd refused, and the connection has to be closed.
bool queue(MHD_Connection* connection, Response response);
bool queue_stream(MHD_Connection* connection, const StreamHead& head,
                  std::shared_ptr<Exchange> exchange);

}  // namespace dayu::http
