#include "base/money.h"

#include <charconv>
#include <limits>

namespace dayu {
namespace {

Error overflow() { return invalid("money_overflow", "an amount exceeds 9.2 trillion yuan"); }

Result<Money> from_wide(__int128 value) {
    constexpr __int128 lowest = std::numeric_limits<std::int64_t>::min();
    constexpr __int128 highest = std::numeric_limits<std::int64_t>::max();
    if (value < lowest || value > highest) return overflow();
    return Money{static_cast<std::int64_t>(value)};
}

}  // namespace

Result<Money> add(Money a, Money b) {
    return from_wide(static_cast<__int128>(a.micro_yuan) + b.micro_yuan);
}

Result<Money> subtract(Money a, Money b) {
    return from_wide(static_cast<__int128>(a.micro_yuan) - b.micro_yuan);
}

Result<Money> scale(Money amount, std::int64_t numerator, std::int64_t denominator) {
    CHECK(denominator > 0);
    const __int128 product = static_cast<__int128>(amount.micro_yuan) * numerator;
    const __int128 half = denominator / 2;
    return from_wide((product >= 0 ? product + half : product - half) / denominator);
}

std::string to_string(Money money) {
    const bool negative = money.micro_yuan < 0;
    const auto raw = static_cast<std::uint64_t>(money.micro_yuan);
    const std::uint64_t magnitude = negative ? 0 - raw : raw;
    std::string decimals = std::to_string(magnitude % micro_yuan_per_yuan);
    decimals.insert(0, 6 - decimals.size(), '0');
    return (negative ? "-" : "") + std::to_string(magnitude / micro_yuan_per_yuan) + "." + decimals;
}

Result<Money> parse_money(std::string_view text) {
    const auto bad = [&] {
        return invalid("money_malformed",
                       "\"" + std::string(text) + "\" is not an amount of yuan such as \"12.34\"");
    };
    std::string_view rest = text;
    const bool negative = rest.starts_with('-');
    if (negative) rest.remove_prefix(1);
    const std::size_t point = rest.find('.');
    std::string digits(rest.substr(0, point));
    std::string decimals(point == std::string_view::npos ? "" : rest.substr(point + 1));
    if (digits.empty() || decimals.size() > 6) return bad();
    if (point != std::string_view::npos && decimals.empty()) return bad();
    decimals.append(6 - decimals.size(), '0');
    digits += decimals;
    if (digits.find_first_not_of("0123456789") != std::string::npos) return bad();
    if (negative) digits.insert(0, "-");
    Money money;
    const char* end = digits.data() + digits.size();
    if (std::from_chars(digits.data(), end, money.micro_yuan).ec != std::errc{}) return overflow();
    return money;
}

}  // namespace dayu
