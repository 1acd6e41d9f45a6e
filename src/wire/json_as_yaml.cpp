#include "wire/json_as_yaml.h"

#include <charconv>
#include <cstdint>

namespace dayu::wire {
namespace {

constexpr std::size_t escape_bytes = 6;  // \uXXXX

// The code unit of the \uXXXX at `at`, or 0 when there is none.
std::uint32_t code_unit(std::string_view text, std::size_t at) {
    if (text.size() - at < escape_bytes || text[at] != '\\' || text[at + 1] != 'u') return 0;
    std::uint32_t unit = 0;
    const char* end = text.data() + at + escape_bytes;
    const auto [stopped, status] = std::from_chars(text.data() + at + 2, end, unit, 16);
    return status == std::errc{} && stopped == end ? unit : 0;
}

// Appends the character of the surrogate pair at `at`; false when there is none.
bool append_pair(std::string& out, std::string_view text, std::size_t at) {
    const std::uint32_t high = code_unit(text, at);
    if (high < 0xD800 || high > 0xDBFF) return false;
    const std::uint32_t low = code_unit(text, at + escape_bytes);
    if (low < 0xDC00 || low > 0xDFFF) return false;
    const std::uint32_t point = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    out += static_cast<char>(0xF0 | (point >> 18));
    out += static_cast<char>(0x80 | ((point >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
    return true;
}

}  // namespace

std::string json_as_yaml(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || text[first] != '{') return std::string(text);
    std::string out;
    out.reserve(text.size());
    bool in_string = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '"') in_string = !in_string;
        if (!in_string) {
            out += c == '\t' ? ' ' : c;
        } else if (c != '\\' || at + 1 == text.size()) {
            out += c;
        } else if (append_pair(out, text, at)) {
            at += 2 * escape_bytes - 1;
        } else {
            ++at;
            if (text[at] != '/') out += c;
            out += text[at];
        }
    }
    return out;
}

}  // namespace dayu::wire
