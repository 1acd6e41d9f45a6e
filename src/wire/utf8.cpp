#include "wire/utf8.h"

#include <cstdint>
#include <cstring>

namespace dayu::wire {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

// A row of RFC 3629's table: the lead byte, the range of the byte after it, and the whole length.
struct Sequence {
    unsigned char first_lead, last_lead, first_second, last_second;
    std::size_t length;
};
constexpr Sequence sequences[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
    {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
    {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

// Length of the well-formed sequence at `at`, or 0.
std::size_t sequence_length(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    if (byte(0) < 0x80) return 1;
    for (const Sequence& row : sequences) {
        if (byte(0) < row.first_lead || byte(0) > row.last_lead) continue;
        if (text.size() - at < row.length) return 0;
        if (byte(1) < row.first_second || byte(1) > row.last_second) return 0;
        for (std::size_t i = 2; i < row.length; ++i) {
            if ((byte(i) & 0xC0) != 0x80) return 0;
        }
        return row.length;
    }
    return 0;
}

bool next_eight_are_ascii(std::string_view text, std::size_t at) {
    std::uint64_t word = 0;
    if (text.size() - at < sizeof word) return false;
    std::memcpy(&word, text.data() + at, sizeof word);
    return (word & 0x8080808080808080U) == 0;
}

}  // namespace

std::size_t find_invalid_utf8(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        if (next_eight_are_ascii(text, at)) {
            at += 8;
            continue;
        }
        const std::size_t length = sequence_length(text, at);
        if (length == 0) return at;
        at += length;
    }
    return std::string_view::npos;
}

std::string to_valid_utf8(std::string_view text) {
    std::string valid;
    while (true) {
        const std::size_t bad = find_invalid_utf8(text);
        valid += text.substr(0, bad);
        if (bad == std::string_view::npos) return valid;
        valid += replacement;
        text.remove_prefix(bad + 1);
    }
}

}  // namespace dayu::wire
