#include "dayu/display_width.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>

#include "dayu/width_table.h"

namespace dayu::app {
namespace {

constexpr char32_t zero_width_joiner = 0x200D;
constexpr char32_t as_emoji = 0xFE0F;  // behind a character: in colour, and two columns wide
constexpr CodePoints skin_tones = {0x1F3FB, 0x1F3FF};

template <std::size_t count>
bool is_in(const CodePoints (&ranges)[count], char32_t character) {
    const CodePoints* after = std::upper_bound(
        std::begin(ranges), std::end(ranges), character,
        [](char32_t sought, const CodePoints& range) { return sought < range.first; });
    return after != std::begin(ranges) && character <= std::prev(after)->last;
}

struct Character {
    char32_t value = 0xFFFD;
    std::size_t bytes = 1;
    bool valid = false;
};

Character first_character(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x80) return {lead, 1, true};
    const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
    if (bytes == 0 || lead > 0xF4 || text.size() < bytes) return {};
    char32_t value = lead & (0xFF >> (bytes + 1));
    for (std::size_t i = 1; i < bytes; ++i) {
        const auto next = static_cast<unsigned char>(text[i]);
        if ((next & 0xC0) != 0x80) return {};
        value = value << 6 | (next & 0x3F);
    }
    constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < least[bytes] || value > 0x10FFFF || is_surrogate) return {};
    return {value, bytes, true};
}

bool ambiguous_is_wide() {
    const char* said = std::getenv("DAYU_AMBIGUOUS_WIDTH");
    return said != nullptr && std::string_view(said) == "2";
}

std::size_t width_of(char32_t character) {
    if (character < 0x20 || (character >= 0x7F && character < 0xA0)) return 0;
    if (character < 0x7F) return 1;
    if (is_in(no_columns, character)) return 0;
    if (is_in(two_columns, character)) return 2;
    return ambiguous_is_wide() && is_in(one_or_two_columns, character) ? 2 : 1;
}

// A character with the marks on it, or an emoji with all that it is joined of.
struct Cluster {
    std::size_t bytes = 0;
    std::size_t width = 0;
};

Cluster first_cluster(std::string_view text) {
    const Character base = first_character(text);
    Cluster cluster{.bytes = base.bytes, .width = width_of(base.value)};
    while (cluster.bytes < text.size()) {
        const Character next = first_character(text.substr(cluster.bytes));
        const bool is_tone =
            cluster.width == 2 && next.value >= skin_tones.first && next.value <= skin_tones.last;
        if (!next.valid || next.value < 0x20 || (width_of(next.value) > 0 && !is_tone)) break;
        if (next.value == as_emoji) cluster.width = 2;
        cluster.bytes += next.bytes;
        if (next.value != zero_width_joiner || cluster.width != 2) continue;
        if (cluster.bytes < text.size()) {
            cluster.bytes += first_character(text.substr(cluster.bytes)).bytes;
        }
    }
    return cluster;
}

}  // namespace

std::size_t display_width(std::string_view utf8) {
    std::size_t width = 0;
    while (!utf8.empty()) {
        const Cluster cluster = first_cluster(utf8);
        width += cluster.width;
        utf8.remove_prefix(cluster.bytes);
    }
    return width;
}

std::string cut_to_width(std::string_view utf8, std::size_t columns) {
    if (display_width(utf8) <= columns) return std::string(utf8);
    std::size_t width = display_width("…");
    if (columns < width) return std::string(columns, '.');
    std::size_t end = 0;
    while (end < utf8.size()) {
        const Cluster cluster = first_cluster(utf8.substr(end));
        width += cluster.width;
        if (width > columns) break;
        end += cluster.bytes;
    }
    return std::string(utf8.substr(0, end)) + "…";
}

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const Character character = first_character(text);
        const bool is_control = character.value < 0x20 ||
                                (character.value >= 0x7F && character.value < 0xA0) ||
                                (character.value >= 0x202A && character.value <= 0x202E);
        if (!character.valid) {
            out += "\xEF\xBF\xBD";
        } else if (is_control) {
            out += ' ';
        } else {
            out += text.substr(0, character.bytes);
        }
        text.remove_prefix(character.bytes);
    }
    return out;
}

}  // namespace dayu::app
