// Listening sockets: from "127.0.0.1:8620" or "[::1]:0" to a socket that accepts, with errors that
// say what is wrong with the address.
#pragma once

#include <string>

#include "base/result.h"

struct sockaddr;

namespace dayu::http {

struct Listening {
    int socket = -1;
    std::string address;  // with the port that was taken
};

Result<Listening> listen_on(const std::string& address);

// "127.0.0.1:40000", "[::1]:40000"
std::string to_string(const sockaddr* address);

}  // namespace dayu::http
