#include "http/microhttpd/connections.h"

#include <sys/socket.h>

#include <utility>

namespace dayu::http {
namespace {

// All that it sent has been read, and there will be no more.
bool peer_has_closed(int socket) {
    char byte = 0;
    return ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

}  // namespace

Connection::Connection(int its_socket, std::string its_peer,
                       std::shared_ptr<const Certificate> its_certificate)
    : socket(its_socket),
      peer(std::move(its_peer)),
      certificate(std::move(its_certificate)),
      waiting_since_ms(system_clock().instant().ms) {}

void Connection::begin(std::shared_ptr<Exchange> exchange) {
    const std::lock_guard lock(mutex_);
    current_ = std::move(exchange);
}

void Connection::end() {
    const std::lock_guard lock(mutex_);
    current_.reset();
    waiting_since_ms = system_clock().instant().ms;
}

std::shared_ptr<Exchange> Connection::current() {
    const std::lock_guard lock(mutex_);
    return current_;
}

Connection* Connections::add(int socket, std::string peer,
                             std::shared_ptr<const Certificate> certificate) {
    auto connection = std::make_unique<Connection>(socket, std::move(peer), std::move(certificate));
    const std::lock_guard lock(mutex_);
    open_.insert(connection.get());
    return connection.release();
}

void Connections::remove(Connection* connection) {
    const std::lock_guard lock(mutex_);
    open_.erase(connection);
    delete connection;
}

std::size_t Connections::count() const {
    const std::lock_guard lock(mutex_);
    return open_.size();
}

std::vector<std::shared_ptr<Exchange>> Connections::exchanges() const {
    std::vector<std::shared_ptr<Exchange>> current;
    const std::lock_guard lock(mutex_);
    for (Connection* connection : open_) {
        if (auto exchange = connection->current()) current.push_back(std::move(exchange));
    }
    return current;
}

// A socket is open as long as its connection is in the set: libmicrohttpd closes it after remove().
void Connections::shut_hopeless(Instant now, Duration limit) {
    const std::lock_guard lock(mutex_);
    for (Connection* connection : open_) {
        const auto exchange = connection->current();
        if (exchange && exchange->is_handed_over()) continue;
        const bool slow = now - Instant{connection->waiting_since_ms} > limit;
        if (slow || peer_has_closed(connection->socket)) ::shutdown(connection->socket, SHUT_RDWR);
    }
}

std::size_t Connections::shut_all() {
    const std::lock_guard lock(mutex_);
    for (Connection* connection : open_) ::shutdown(connection->socket, SHUT_RDWR);
    return open_.size();
}

}  // namespace dayu::http
