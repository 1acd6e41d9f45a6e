// Not a test but what tests stand on; by its name it is linked into them and nothing else.
#include "http/testing/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace dayu::http::testing {

std::unique_ptr<Server> serve(Handler handler, ServerOptions options) {
    if (options.address == ServerOptions().address) options.address = "127.0.0.1:0";
    auto server = Server::start(std::move(options), std::move(handler));
    EXPECT_TRUE(server.ok()) << (server.ok() ? "" : server.error().message);
    return std::move(server).value();
}

Peer::Peer(const Server& server, int receive_buffer_bytes) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{.tv_sec = 5, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (receive_buffer_bytes > 0) {
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                     sizeof receive_buffer_bytes);
    }
    const std::string& address = server.address();
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port =
        htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
}

Peer::~Peer() { hang_up(); }

bool Peer::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

std::string Peer::read_until(std::string_view mark) {
    std::array<char, 16384> chunk{};
    std::size_t found = std::string::npos;
    while ((found = unread_.find(mark)) == std::string::npos) {
        const ssize_t got = ::recv(socket_, chunk.data(), chunk.size(), 0);
        if (got <= 0) return std::exchange(unread_, {});
        unread_.append(chunk.data(), static_cast<std::size_t>(got));
    }
    std::string taken = unread_.substr(0, found + mark.size());
    unread_.erase(0, taken.size());
    return taken;
}

std::string Peer::read_to_end() { return read_until("\x01 a mark that never comes \x02"); }

void Peer::hang_up() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

void sleep_a_little() { std::this_thread::sleep_for(std::chrono::milliseconds(5)); }

}  // namespace dayu::http::testing
