// Which addresses belong to the Internet, and which into a network of someone's own.
#pragma once

#include <string>

#include "base/result.h"

struct sockaddr;

namespace dayu::http {

// False for loopback, link-local, private, shared, documentation, multicast and reserved addresses of IPv4
// (RFC 6890) and for all of IPv6 but global unicast; those of IPv6 that hold one of IPv4 are as that is.
bool is_public_address(const sockaddr& address);

// An address on the web in its parts. No user name or password may be in it.
struct Url {
    std::string base;  // "https://example.org:8443"
    std::string host;  // "example.org"
    std::string path;  // with its query, "/hooks?key=1"; at least "/"
};
Result<Url> parse_url(const std::string& text);  // `bad_url`, which does not repeat the text

// Whether some address of the host is not public. Waits for the resolver; a host that does not resolve
// has none.
bool leads_into_private(const std::string& host);

}  // namespace dayu::http
