// Where clients on the same machine find a server that speaks TLS. They check the name that they dial
// against the certificate, so it has to be one that the certificate bears.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dayu::http {

// localhost, 127.0.0.0/8 and ::1, with or without brackets.
bool is_loopback(std::string_view host);

// Of "HOST:PORT" and the names of the certificate: HOST itself where it is one of them, else one that
// means this machine where HOST does too, else the first that is no pattern; at last HOST.
std::string named_address(const std::string& address, const std::vector<std::string>& names);

}  // namespace dayu::http
