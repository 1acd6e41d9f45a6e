#include "http/microhttpd/listen.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace dayu::http {
namespace {

constexpr int backlog = 1024;  // clients that wait to be accepted

Error bad_address(const std::string& address, const std::string& why) {
    return invalid("bad_address", "cannot listen on \"" + address + "\": " + why +
                                      "; expected HOST:PORT, as 127.0.0.1:8620 or [::1]:8620");
}

struct HostPort {
    std::string host;
    std::string port;
};

Result<HostPort> split(const std::string& address) {
    const std::size_t colon = address.rfind(':');
    if (colon == std::string::npos) return bad_address(address, "it has no port");
    HostPort parts{address.substr(0, colon), address.substr(colon + 1)};
    if (parts.port.empty() || parts.port.size() > 5 ||
        parts.port.find_first_not_of("0123456789") != std::string::npos ||
        std::stoi(parts.port) > 65535) {
        return bad_address(address, "the port is not a number from 0 to 65535");
    }
    if (parts.host.starts_with('[') && parts.host.ends_with(']')) {
        parts.host = parts.host.substr(1, parts.host.size() - 2);
    } else if (parts.host.find(':') != std::string::npos) {
        return bad_address(address, "an IPv6 address stands in brackets");
    }
    if (parts.host.empty()) return bad_address(address, "it has no host");
    return parts;
}

Result<Listening> listen_at(const std::string& address, const addrinfo& where) {
    const auto fail = [&](int error_number) {
        if (error_number == EADDRINUSE) {
            return conflict("cannot_listen", "another program listens on " + address +
                                                 "; end it, or choose another port");
        }
        return error_from_errno("cannot_listen", "listen on " + address, error_number);
    };
    const int fd = ::socket(where.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return fail(errno);
    const int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_storage bound{};
    socklen_t length = sizeof bound;
    if (::bind(fd, where.ai_addr, where.ai_addrlen) != 0 || ::listen(fd, backlog) != 0 ||
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &length) != 0) {
        const int error_number = errno;
        ::close(fd);
        return fail(error_number);
    }
    return Listening{fd, to_string(reinterpret_cast<const sockaddr*>(&bound))};
}

}  // namespace

Result<Listening> listen_on(const std::string& address) {
    const HostPort parts = TRY(split(address));
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int status = ::getaddrinfo(parts.host.c_str(), parts.port.c_str(), &hints, &found);
    if (status != 0) return bad_address(address, ::gai_strerror(status));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
    return listen_at(address, *found);
}

std::string to_string(const sockaddr* address) {
    char host[INET6_ADDRSTRLEN] = "";
    if (address && address->sa_family == AF_INET) {
        const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
        ::inet_ntop(AF_INET, &v4->sin_addr, host, sizeof host);
        return std::string(host) + ":" + std::to_string(ntohs(v4->sin_port));
    }
    if (address && address->sa_family == AF_INET6) {
        const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
        ::inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof host);
        return "[" + std::string(host) + "]:" + std::to_string(ntohs(v6->sin6_port));
    }
    return "unknown";
}

}  // namespace dayu::http
