// RFC 8785 sorts keys by UTF-16 code units. That is the order of the UTF-8 bytes but for one case: what
// lies past the basic plane (lead bytes F0 to F4) is written there with surrogates (D800 to DFFF), and
// so comes before U+E000 to U+FFFF (lead bytes EE and EF).
#pragma once

#include <algorithm>
#include <string_view>

namespace dayu::wire {

struct Utf16Order {
    using is_transparent = void;

    constexpr bool operator()(std::string_view a, std::string_view b) const {
        const auto [left, right] = std::ranges::mismatch(a, b);
        if (left == a.end() || right == b.end()) return a.size() < b.size();
        return rank(*left) < rank(*right);
    }

   private:
    static constexpr int rank(char byte) {
        const int value = static_cast<unsigned char>(byte);
        return value == 0xEE || value == 0xEF ? value + 0x100 : value;
    }
};

}  // namespace dayu::wire
