#include "http/problem.h"

#include <array>
#include <utility>

namespace dayu::http {
namespace {

constexpr std::array<std::pair<int, std::string_view>, 25> phrases{{
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
}};

bool is_continuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// The length of the UTF-8 sequence at the start of `text`, 0 where there is none. Surrogates,
// overlong forms and what lies beyond U+10FFFF are none.
std::size_t utf8_length(std::string_view text) {
    const auto at = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
    };
    const auto first = static_cast<unsigned char>(at(0));
    const auto second = static_cast<unsigned char>(at(1));
    if (first < 0x80) return 1;
    if (!is_continuation(second)) return 0;
    if (first >= 0xC2 && first <= 0xDF) return 2;
    if (!is_continuation(static_cast<unsigned char>(at(2)))) return 0;
    if (first == 0xE0) return second >= 0xA0 ? 3 : 0;
    if (first == 0xED) return second <= 0x9F ? 3 : 0;
    if (first > 0xE0 && first <= 0xEF) return 3;
    if (!is_continuation(static_cast<unsigned char>(at(3)))) return 0;
    if (first == 0xF0) return second >= 0x90 ? 4 : 0;
    if (first == 0xF4) return second <= 0x8F ? 4 : 0;
    return first > 0xF0 && first < 0xF4 ? 4 : 0;
}

void append_ascii(std::string& json, char c) {
    constexpr std::string_view hex_digits = "0123456789abcdef";
    switch (c) {
        case '"': json += "\\\""; return;
        case '\\': json += "\\\\"; return;
        case '\n': json += "\\n"; return;
        case '\r': json += "\\r"; return;
        case '\t': json += "\\t"; return;
        default: break;
    }
    if (c >= 0x20) {
        json += c;
    } else {
        json += "\\u00";
        json += {hex_digits[static_cast<unsigned char>(c) >> 4], hex_digits[c & 15]};
    }
}

}  // namespace

std::string reason_phrase(int status) {
    for (const auto& [code, phrase] : phrases) {
        if (code == status) return std::string(phrase);
    }
    return "Status " + std::to_string(status);
}

std::string json_string(std::string_view text) {
    constexpr std::string_view replacement = "\xEF\xBF\xBD";
    std::string json = "\"";
    json.reserve(text.size() + 2);
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) {
            json += replacement;
        } else if (length == 1) {
            append_ascii(json, text.front());
        } else {
            json += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return json += '"';
}

Response problem(int status, const Error& error) {
    Response response{
        .status = status, .body = {}, .content_type = "application/problem+json", .headers = {}};
    response.body = R"({"type":"about:blank","title":)" + json_string(reason_phrase(status)) +
                    R"(,"status":)" + std::to_string(status) + R"(,"code":)" +
                    json_string(error.code) + R"(,"detail":)" + json_string(error.message) + "}\n";
    return response;
}

Response problem(const Error& error) { return problem(http_status(error.kind), error); }

}  // namespace dayu::http
