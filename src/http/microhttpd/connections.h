// The open connections of a server: what each is doing now, so that streams get their heartbeats,
// slow requests end, and a stopping server can answer whoever still waits.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/time.h"
#include "http/microhttpd/exchange.h"

namespace dayu::http {

class Certificate;

struct Connection {
    Connection(int its_socket, std::string its_peer,
               std::shared_ptr<const Certificate> its_certificate);

    void begin(std::shared_ptr<Exchange> exchange);
    void end();
    std::shared_ptr<Exchange> current();

    const int socket;
    const std::string peer;
    const std::shared_ptr<const Certificate> certificate;  // null: plain HTTP
    std::atomic<std::int64_t> waiting_since_ms;  // since when the next whole request is awaited

   private:
    std::mutex mutex_;
    std::shared_ptr<Exchange> current_;
};

class Connections {
   public:
    Connection* add(int socket, std::string peer, std::shared_ptr<const Certificate> certificate);
    void remove(Connection* connection);
    std::size_t count() const;

    std::vector<std::shared_ptr<Exchange>> exchanges() const;

    // Breaks off connections whose next request will not come whole: the peer has closed in the
    // middle of it, which libmicrohttpd does not notice when that arrives together with bytes, or
    // `limit` has passed.
    void shut_hopeless(Instant now, Duration limit);
    std::size_t shut_all();  // how many are still open

   private:
    mutable std::mutex mutex_;
    std::unordered_set<Connection*> open_;
};

}  // namespace dayu::http
