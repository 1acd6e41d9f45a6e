#include "dayu/connection.h"

#include <charconv>
#include <cstdlib>
#include <optional>

#include "dayu/small_file.h"
#include "dayu/version.h"

namespace dayu::app {
namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

std::string in_folder(std::string_view folder, std::string_view file) {
    return std::string(folder) + "/" + std::string(file);
}

// The first line of a file, or nothing when there is none.
Result<std::optional<std::string>> first_line(const std::string& path) {
    if (!exists(path)) return std::optional<std::string>();
    const std::string text = TRY(read_small_file(path));
    return std::optional<std::string>(text.substr(0, text.find('\n')));
}

Result<void> find_url(const Globals& globals, Target& target) {
    const auto take = [&](std::string url, std::string source) {
        if (url.empty() || !target.url.empty()) return;
        target.url = std::move(url);
        target.url_source = std::move(source);
    };
    take(globals.server, "--server");
    if (!globals.data.empty()) {
        const std::string path = in_folder(globals.data, address_file);
        take(TRY(first_line(path)).value_or(""), path);
    }
    take(environment("DAYU_SERVER"), "DAYU_SERVER");
    if (!globals.data.empty() && target.url.empty()) {  // another's server must not get its token
        return unavailable("server_unreachable", "no server runs on " + globals.data +
                                                     ", as it has no file \"" +
                                                     std::string(address_file) +
                                                     "\"; start one with `dayu server --data " +
                                                     globals.data + "`, or name it with --server");
    }
    const std::string local = in_folder(default_data_folder, address_file);
    if (target.url.empty()) take(TRY(first_line(local)).value_or(""), local);
    take(std::string(default_server), "the default");
    return {};
}

Result<void> find_token(const Globals& globals, Target& target) {
    const auto take = [&](std::string token, std::string source) {
        if (token.empty() || !target.token.empty()) return;
        target.token = std::move(token);
        target.token_source = std::move(source);
    };
    take(globals.token, "--token");
    if (!globals.data.empty() && target.token.empty()) {
        const std::string path = in_folder(globals.data, token_file);
        take(TRY(first_line(path)).value_or(""), path);
    }
    take(environment("DAYU_TOKEN"), "DAYU_TOKEN");
    // A token that lies beside the address belongs to it, and goes nowhere else.
    const std::string local = in_folder(default_data_folder, token_file);
    const bool is_local = target.url_source == in_folder(default_data_folder, address_file);
    if (is_local && target.token.empty()) take(TRY(first_line(local)).value_or(""), local);
    return {};
}

Result<void> find_ca(const Globals& globals, Target& target) {
    TRY(check_ca(globals.ca, target.url));
    target.ca = globals.ca.empty() ? environment("DAYU_CA") : globals.ca;
    return {};
}

ErrorKind kind_of_status(int status) {
    switch (status) {
        case 401:
        case 403: return ErrorKind::denied;
        case 404:
        case 410: return ErrorKind::not_found;
        case 409: return ErrorKind::conflict;
        case 413:
        case 429:
        case 431: return ErrorKind::exhausted;
        case 502:
        case 503:
        case 504: return ErrorKind::unavailable;
        default: return status >= 500 ? ErrorKind::internal : ErrorKind::invalid;
    }
}

std::string text_of(const wire::Json& json, std::string_view key, std::string otherwise) {
    const wire::Json* member = json.find(key);
    const std::string* text = member == nullptr ? nullptr : member->as_string();
    return text == nullptr ? std::move(otherwise) : *text;
}

}  // namespace

Result<Target> find_target(const Globals& globals) {
    if (!globals.data.empty() && !exists(globals.data)) {
        return not_found("data_folder_missing",
                         "--data " + globals.data + " is no folder; name the one of the server");
    }
    Target target;
    TRY(find_url(globals, target));
    TRY(find_token(globals, target));
    TRY(find_ca(globals, target));
    return target;
}

http::ClientOptions client_options(const Target& target) {
    return {.base_url = target.url,
            .bearer_token = target.token,
            .ca_file = target.ca,
            .user_agent = "dayu/" + std::string(version),
            .compression = http::Compression::over_network};
}

Result<void> check_ca(const std::string& ca, const std::string& url) {
    if (ca.empty() || url.starts_with("https://")) return {};
    return invalid("ca_without_tls", "the authority " + ca + " is for TLS, and " + url +
                                         " is plain HTTP: write https://, or leave it out");
}

Error error_from(const http::Response& response) {
    const ErrorKind kind = kind_of_status(response.status);
    const Result<wire::Json> body = wire::parse_json(response.body);
    const wire::Json problem = body.ok() ? *body : wire::Json();
    const std::string status = std::to_string(response.status);
    return {kind, text_of(problem, "code", "http_" + status),
            text_of(problem, "detail", "the server answered with status " + status)};
}

Connection::Connection(Target target)
    : target_(std::move(target)), client_(client_options(target_)) {}

Result<Connection> Connection::open(const Globals& globals) {
    return Connection(TRY(find_target(globals)));
}

Result<http::Response> Connection::fetch(const http::Call& call) {
    http::Response response = TRY(client_.request(call));
    if (response.status < 200 || response.status > 299) return error_from(response);
    return response;
}

Result<wire::Json> Connection::get(const std::string& path, Duration timeout) {
    const http::Response response = TRY(fetch({.path = path, .timeout = timeout}));
    return wire::parse_json(response.body);
}

Result<wire::Json> Connection::post(const std::string& path, std::string body,
                                    http::NamedValues headers) {
    const http::Response response = TRY(fetch(
        {.method = "POST", .path = path, .body = std::move(body), .headers = std::move(headers)}));
    return wire::parse_json(response.body);
}

std::string with_query(std::string path,
                       const std::vector<std::pair<std::string, std::string>>& params) {
    char separator = '?';
    for (const auto& [name, value] : params) {
        if (value.empty()) continue;
        path += separator + name + "=" + http::percent_encode(value);
        separator = '&';
    }
    return path;
}

Result<std::int64_t> parse_job_id(std::string_view text) {
    std::int64_t id = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (failure != std::errc() || end != text.data() + text.size() || id <= 0) {
        return invalid("bad_job_id", "\"" + std::string(text) +
                                         "\" is no job id; expected a number from 1, as `dayu "
                                         "submit` and `dayu ps` print it");
    }
    return id;
}

std::string job_path(std::int64_t id, std::string_view rest) {
    return "/v1/jobs/" + std::to_string(id) + std::string(rest);
}

}  // namespace dayu::app
