// For tests: a bare TCP client that can misbehave in ways that no HTTP client would, and a server
// on a free port of this machine.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "http/server.h"

namespace dayu::http::testing {

// Starts on 127.0.0.1:0 unless the options say otherwise; fails the test when it cannot.
std::unique_ptr<Server> serve(Handler handler, ServerOptions options = {});

class Peer {
   public:
    explicit Peer(const Server& server, int receive_buffer_bytes = 0);
    ~Peer();
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    bool send(std::string_view bytes);
    // What comes until `mark` was seen, the server closes, or five seconds have passed.
    std::string read_until(std::string_view mark);
    std::string read_to_end();
    void hang_up();
    int socket() const { return socket_; }

   private:
    int socket_ = -1;
    std::string unread_;
};

// Whether `condition` came true within five seconds.
template <class Condition>
bool eventually(Condition condition);

void sleep_a_little();

template <class Condition>
bool eventually(Condition condition) {
    for (int i = 0; i < 1000; ++i) {
        if (condition()) return true;
        sleep_a_little();
    }
    return condition();
}

}  // namespace dayu::http::testing
