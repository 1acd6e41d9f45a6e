// The HTTP server: libmicrohttpd's epoll threads behind a face that knows no library. A handler is
// called on one of those threads with the whole request; it must not block, but may answer later
// from any other thread. Limits guard it from clients that send too much, too slowly or not at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "http/certificate_files.h"
#include "http/message.h"
#include "http/responder.h"

namespace dayu::http {

using Handler = std::function<void(Request&&, Responder)>;

struct ServerOptions {
    // "[::1]:8620", "0.0.0.0:80", "localhost:0"; port 0 takes a free one.
    std::string address = "127.0.0.1:8620";
    unsigned threads = 2;
    // Null: plain HTTP. The server looks after it; TLS is of version 1.2 or 1.3.
    std::shared_ptr<CertificateFiles> certificate = {};

    std::size_t body_limit_bytes = std::size_t{8} << 20;     // beyond it: 413 body_too_large
    std::size_t header_limit_bytes = std::size_t{16} << 10;  // beyond it: 431
    unsigned connection_limit = 8192;                        // further clients wait to be accepted
    std::size_t stream_buffer_limit_bytes = std::size_t{4} << 20;  // for each stream

    Duration idle_timeout = seconds(60);     // a connection on which nothing moves
    Duration request_timeout = seconds(60);  // from then on, for a request to arrive whole
    Duration heartbeat = seconds(15);        // of a Stream
    Duration stop_timeout = seconds(5);      // for answers still on their way when it stops
};

class Server {
   public:
    static Result<std::unique_ptr<Server>> start(ServerOptions options, Handler handler);
    ~Server();  // stops
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Accepts no more, answers 503 shutting_down to whoever still waits, ends streams, and joins
    // its threads. After it no handler runs. Not to be called from a handler.
    void stop();

    const std::string& address() const;  // "127.0.0.1:40000", with the port that was taken
    std::string url() const;  // "http://127.0.0.1:40000"; with TLS by a name of the certificate
    std::size_t open_connections() const;

   private:
    class Running;
    explicit Server(std::unique_ptr<Running> running);
    std::unique_ptr<Running> running_;
};

}  // namespace dayu::http
