#include "http/address.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

namespace dayu::http {
namespace {

constexpr std::size_t max_url_bytes = 2048;

struct Network {
    std::uint32_t address;
    int bits;
};
constexpr std::uint32_t ipv4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
    return a << 24 | b << 16 | c << 8 | d;
}
// RFC 6890 and its registry, https://www.iana.org/assignments/iana-ipv4-special-registry
constexpr std::array not_public{
    Network{ipv4(0, 0, 0, 0), 8},      Network{ipv4(10, 0, 0, 0), 8},
    Network{ipv4(100, 64, 0, 0), 10},  Network{ipv4(127, 0, 0, 0), 8},
    Network{ipv4(169, 254, 0, 0), 16}, Network{ipv4(172, 16, 0, 0), 12},
    Network{ipv4(192, 0, 0, 0), 24},   Network{ipv4(192, 0, 2, 0), 24},
    Network{ipv4(192, 88, 99, 0), 24}, Network{ipv4(192, 168, 0, 0), 16},
    Network{ipv4(198, 18, 0, 0), 15},  Network{ipv4(198, 51, 100, 0), 24},
    Network{ipv4(203, 0, 113, 0), 24}, Network{ipv4(224, 0, 0, 0), 3},
};

bool is_public_ipv4(std::uint32_t address) {
    return std::ranges::none_of(not_public, [&](const Network& network) {
        return (address ^ network.address) >> (32 - network.bits) == 0;
    });
}

using Ipv6 = std::array<std::uint8_t, 16>;

std::uint32_t ipv4_at(const Ipv6& bytes, std::size_t at) {
    return ipv4(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
}

bool is_public_ipv6(const Ipv6& bytes) {
    const auto starts_with = [&](std::initializer_list<std::uint8_t> prefix) {
        return std::equal(prefix.begin(), prefix.end(), bytes.begin());
    };
    if (starts_with({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}))  // mapped
        return is_public_ipv4(ipv4_at(bytes, 12));
    if (starts_with({0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0}))  // translated
        return is_public_ipv4(ipv4_at(bytes, 12));
    if (starts_with({0x20, 0x02})) return is_public_ipv4(ipv4_at(bytes, 2));  // 6to4
    if (starts_with({0x20, 0x01, 0x00, 0x00})) return false;                  // Teredo
    if (starts_with({0x20, 0x01, 0x0D, 0xB8})) return false;                  // documentation
    return (bytes[0] & 0xE0) == 0x20;
}

Error bad_url(const std::string& why) {
    return invalid("bad_url", "url: " + why + "; expected https://HOST/PATH");
}

std::string part_of(CURLU* url, CURLUPart part) {
    char* text = nullptr;
    if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
    std::string copy(text);
    curl_free(text);
    return copy;
}

}  // namespace

bool is_public_address(const sockaddr& address) {
    if (address.sa_family == AF_INET) {
        sockaddr_in ip{};
        std::memcpy(&ip, &address, sizeof ip);
        return is_public_ipv4(ntohl(ip.sin_addr.s_addr));
    }
    if (address.sa_family == AF_INET6) {
        sockaddr_in6 ip{};
        std::memcpy(&ip, &address, sizeof ip);
        Ipv6 bytes{};
        std::memcpy(bytes.data(), &ip.sin6_addr, bytes.size());
        return is_public_ipv6(bytes);
    }
    return false;
}

Result<Url> parse_url(const std::string& text) {
    if (text.size() > max_url_bytes)
        return bad_url("more than " + std::to_string(max_url_bytes) + " bytes");
    const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), curl_url_cleanup);
    if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK)
        return bad_url("this is no address on the web");
    const std::string scheme = part_of(url.get(), CURLUPART_SCHEME);
    if (scheme != "http" && scheme != "https")
        return bad_url("only https and http are spoken, not " + scheme);
    if (!part_of(url.get(), CURLUPART_USER).empty() ||
        !part_of(url.get(), CURLUPART_PASSWORD).empty())
        return bad_url("it holds a user name or password, which is not taken");
    Url parts;
    parts.host = part_of(url.get(), CURLUPART_HOST);
    if (parts.host.empty()) return bad_url("it names no host");
    parts.base = scheme + "://" + parts.host;
    if (const std::string port = part_of(url.get(), CURLUPART_PORT); !port.empty())
        parts.base += ":" + port;
    parts.path = part_of(url.get(), CURLUPART_PATH);
    if (const std::string query = part_of(url.get(), CURLUPART_QUERY); !query.empty())
        parts.path += "?" + query;
    return parts;
}

bool leads_into_private(const std::string& host) {
    std::string name = host;
    if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* first = nullptr;
    if (::getaddrinfo(name.c_str(), nullptr, &hints, &first) != 0) return false;
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> all(first, freeaddrinfo);
    for (const addrinfo* at = first; at != nullptr; at = at->ai_next) {
        if (!is_public_address(*at->ai_addr)) return true;
    }
    return false;
}

}  // namespace dayu::http
