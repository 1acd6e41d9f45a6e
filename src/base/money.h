// Money is a whole number of micro-yuan. There is no double anywhere near it; what does not fit into
// 64 bits is an error, not a wrap.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace dayu {

struct Money {
    std::int64_t micro_yuan = 0;

    auto operator<=>(const Money&) const = default;
};

inline constexpr std::int64_t micro_yuan_per_yuan = 1'000'000;

Result<Money> add(Money a, Money b);
Result<Money> subtract(Money a, Money b);

// amount x numerator / denominator, rounded half away from zero; the product is taken in 128 bits.
Result<Money> scale(Money amount, std::int64_t numerator, std::int64_t denominator);

// "12.340000"; parse takes up to six decimals and a sign.
std::string to_string(Money money);
Result<Money> parse_money(std::string_view text);

}  // namespace dayu
