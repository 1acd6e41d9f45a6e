#include "rest/answer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/nearest.h"
#include "http/problem.h"

namespace dayu::rest {
namespace {

constexpr std::size_t max_values = 100;  // of one parameter
constexpr std::size_t max_value_bytes = 256;

bool is_key_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '[' ||
           c == ']';
}

// "line 4, resources.cpus: 0 is ..." is about resources.cpus, and "limit: ..." about limit.
std::string_view field_of(const Error& error) {
    if (error.kind != ErrorKind::invalid) return {};
    std::string_view message = error.message;
    if (message.starts_with("line ")) {
        message.remove_prefix(std::min(message.find(", "), message.size() - 2) + 2);
    }
    std::size_t length = 0;
    while (length < message.size() && is_key_character(message[length])) ++length;
    return message.substr(length).starts_with(": ") ? message.substr(0, length)
                                                    : std::string_view();
}

// What HTTP has a status of its own for; all else has that of its kind.
constexpr std::array<std::pair<std::string_view, int>, 4> own_statuses{
    {{"body_too_large", 413},
     {"encoding_unsupported", 415},
     {"media_type_unsupported", 415},
     {"precondition_failed", 412}}};

int status_of(const Error& error) {
    for (const auto& [code, status] : own_statuses) {
        if (code == error.code) return status;
    }
    return http_status(error.kind);
}

}  // namespace

http::Response answer(const wire::Json& json) { return answer_text(wire::to_text(json)); }

http::Response answer_text(std::string json) {
    json += '\n';
    return {.status = 200, .body = std::move(json), .headers = {}};
}

http::Response refuse(int status, const Error& error) {
    http::Response response = http::problem(status, error);
    if (const std::string_view field = field_of(error); !field.empty()) {
        const std::size_t end = response.body.rfind('}');
        response.body.insert(end, ",\"field\":" + http::json_string(field));
    }
    return response;
}

http::Response refuse(const Error& error) {
    http::Response response = refuse(status_of(error), error);
    if (error.code == "encoding_unsupported")
        response.headers.push_back({"Accept-Encoding", "gzip"});
    return response;
}

Result<std::int64_t> parse_number(std::string_view name, std::string_view text, Range range) {
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, status] = std::from_chars(text.data(), end, number);
    const bool whole = status == std::errc() && stopped == end;
    if (whole && number >= range.least && number <= range.most) return number;
    return invalid("parameter_invalid",
                   std::string(name) + ": \"" + std::string(text.substr(0, 40)) +
                       "\" is not a whole number from " + std::to_string(range.least) + " to " +
                       std::to_string(range.most));
}

Result<std::int64_t> query_number(const http::Request& request, std::string_view name,
                                  Range range) {
    const auto text = request.query_param(name);
    return text ? parse_number(name, *text, range) : range.otherwise;
}

Result<bool> query_flag(const http::Request& request, std::string_view name) {
    const auto text = request.query_param(name);
    if (!text || *text == "false") return false;
    if (*text == "true") return true;
    return invalid("parameter_invalid", std::string(name) + ": \"" +
                                            std::string(text->substr(0, 40)) +
                                            "\" is neither true nor false");
}

Result<std::vector<std::string>> query_list(const http::Request& request, std::string_view name) {
    std::vector<std::string> values;
    for (const http::NamedValue& given : request.query) {
        if (given.name != name) continue;
        std::string_view rest = given.value;
        while (true) {
            const std::size_t comma = rest.find(',');
            const std::string_view value = rest.substr(0, comma);
            if (value.empty() || value.size() > max_value_bytes || values.size() == max_values) {
                return invalid("parameter_invalid",
                               std::string(name) + ": \"" + std::string(value.substr(0, 40)) +
                                   "\" is not one of up to " + std::to_string(max_values) +
                                   " values of 1 to " + std::to_string(max_value_bytes) +
                                   " bytes with commas between");
            }
            values.emplace_back(value);
            if (comma == std::string_view::npos) break;
            rest.remove_prefix(comma + 1);
        }
    }
    return values;
}

Error no_such_word(std::string_view name, std::string_view value,
                   std::span<const std::string_view> words) {
    std::string all;
    for (const std::string_view word : words) all.append(" ").append(word);
    return invalid(
        "parameter_invalid",
        std::string(name) + ": \"" + std::string(value.substr(0, 40)) + "\" is none of" + all);
}

Error no_such_value(std::string_view name, std::string_view value, std::string_view what,
                    std::span<const std::string_view> known) {
    const std::string_view near = nearest(value, known);
    return invalid("parameter_invalid",
                   std::string(name) + ": \"" + std::string(value.substr(0, 64)) + "\" is no " +
                       std::string(what) +
                       (near.empty() ? "" : "; did you mean \"" + std::string(near) + "\"?"));
}

Result<Time> query_time(const http::Request& request, std::string_view name) {
    const auto text = request.query_param(name);
    if (!text) return Time{};
    const auto time = parse_time(*text);
    if (time) return *time;
    return invalid("parameter_invalid",
                   std::string(name) + ": \"" + std::string(text->substr(0, 40)) +
                       "\" is no time as 2026-12-01T08:00:00+08:00 (a + is written %2B in a URL)");
}

Result<std::vector<std::string>> users_asked(const http::Request& request) {
    std::vector<std::string> users;
    for (const std::string& user : TRY(query_list(request, "user"))) {
        const bool whole =
            user.find(':') != std::string::npos || user == "system" || user == "scheduler";
        users.push_back(whole ? user : "token:" + user);
    }
    return users;
}

Result<JobId> job_in_path(const http::Request& request, std::string_view name) {
    const std::string& text = request.param(name);
    const auto number = parse_number(name, text, {.least = 1});
    if (number) return JobId{static_cast<std::uint64_t>(*number)};
    return not_found("job_unknown", "there is no job " + text);
}

}  // namespace dayu::rest
