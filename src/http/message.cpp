#include "http/message.h"

#include <algorithm>

#include "base/check.h"

namespace dayu::http {
namespace {

constexpr std::string_view hex_digits = "0123456789ABCDEF";

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, to_lower, to_lower);
}

template <class Equal>
std::optional<std::string_view> find(const NamedValues& values, std::string_view name,
                                     Equal equal) {
    for (const NamedValue& each : values) {
        if (equal(each.name, name)) return each.value;
    }
    return std::nullopt;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = to_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool is_unreserved(char c) {
    const char lower = to_lower(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

}  // namespace

std::optional<std::string_view> find_header(const NamedValues& headers, std::string_view name) {
    return find(headers, name, equals_ignoring_case);
}

std::optional<std::string_view> find_param(const NamedValues& params, std::string_view name) {
    return find(params, name, std::equal_to<std::string_view>{});
}

const std::string& Request::param(std::string_view name) const {
    const auto found = std::ranges::find(params, name, &NamedValue::name);
    CHECK(found != params.end());
    return found->value;
}

std::optional<std::string_view> bearer_token(const Request& request) {
    constexpr std::string_view scheme = "Bearer ";
    const auto value = request.header("Authorization");
    if (!value || value->size() <= scheme.size()) return std::nullopt;
    if (!equals_ignoring_case(value->substr(0, scheme.size()), scheme)) return std::nullopt;
    std::string_view token = value->substr(scheme.size());
    token.remove_prefix(std::min(token.find_first_not_of(' '), token.size()));
    token.remove_suffix(token.size() - (token.find_last_not_of(' ') + 1));
    if (token.empty()) return std::nullopt;
    return token;
}

std::string percent_decode(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool has_digits = text[i] == '%' && i + 2 < text.size();
        const int high = has_digits ? hex_value(text[i + 1]) : -1;
        const int low = has_digits ? hex_value(text[i + 2]) : -1;
        if (high < 0 || low < 0) {
            decoded += text[i];
        } else {
            decoded += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return decoded;
}

std::string_view trimmed(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    text.remove_suffix(text.size() - (text.find_last_not_of(" \t") + 1));
    return text;
}

std::string percent_encode(std::string_view text) {
    std::string encoded;
    encoded.reserve(text.size());
    for (const char c : text) {
        if (is_unreserved(c)) {
            encoded += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            encoded += {'%', hex_digits[byte >> 4], hex_digits[byte & 15]};
        }
    }
    return encoded;
}

}  // namespace dayu::http
