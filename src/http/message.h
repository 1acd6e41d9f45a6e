// What an HTTP request and its answer are to the rest of Dayu: plain values without a socket behind
// them. The server makes a Request and takes a Response; the client gives a Response back.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dayu::http {

struct NamedValue {
    std::string name = {};
    std::string value = {};

    bool operator==(const NamedValue&) const = default;
};
using NamedValues = std::vector<NamedValue>;

// The first value of that name. Header names ignore case; the names of query and path parameters
// do not.
std::optional<std::string_view> find_header(const NamedValues& headers, std::string_view name);
std::optional<std::string_view> find_param(const NamedValues& params, std::string_view name);

struct Request {
    std::string method;  // upper case, as sent
    std::string path;    // still percent-encoded, so that a "%2F" is no separator
    NamedValues query;   // decoded, in the order of the query string
    NamedValues headers;
    std::string body;
    std::string peer;     // "127.0.0.1:40122", "[::1]:40122"
    NamedValues params;   // decoded; what the Router's {name} segments matched
    std::string pattern;  // the Router's pattern, as "/v1/jobs/{id}": a metric's label

    std::optional<std::string_view> header(std::string_view name) const {
        return find_header(headers, name);
    }
    std::optional<std::string_view> query_param(std::string_view name) const {
        return find_param(query, name);
    }
    // A param of the route's own pattern is always there; asking for another one is our own bug.
    const std::string& param(std::string_view name) const;
};

struct Response {
    int status = 200;
    std::string body = {};
    std::string content_type = "application/json";  // no such header when empty
    NamedValues headers = {};                       // besides Content-Type and Content-Length

    std::optional<std::string_view> header(std::string_view name) const {
        return find_header(headers, name);
    }
};

// The token of "Authorization: Bearer TOKEN", or nothing.
std::optional<std::string_view> bearer_token(const Request& request);

// Without the blanks and tabs around it.
std::string_view trimmed(std::string_view text);

// "%20" and the like; a "%" that starts no escape stands for itself.
std::string percent_decode(std::string_view text);
// Escapes all but unreserved characters, so that any text is one path segment or query value.
std::string percent_encode(std::string_view text);

}  // namespace dayu::http
