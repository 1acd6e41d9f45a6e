#include "sched/wide.h"

#include <limits>

#include "base/check.h"

namespace dayu::sched {
namespace {
constexpr __int128 lowest = std::numeric_limits<std::int64_t>::min();
constexpr __int128 highest = std::numeric_limits<std::int64_t>::max();
}  // namespace

std::optional<std::int64_t> product_over(std::initializer_list<std::int64_t> factors,
                                         std::int64_t divisor) {
    CHECK(divisor > 0);
    __int128 product = 1;
    for (const std::int64_t factor : factors) {
        if (__builtin_mul_overflow(product, static_cast<__int128>(factor), &product)) return {};
    }
    __int128 quotient = product / divisor;
    const __int128 rest = product % divisor;
    if (2 * (rest < 0 ? -rest : rest) >= divisor) quotient += product < 0 ? -1 : 1;
    if (quotient < lowest || quotient > highest) return {};
    return static_cast<std::int64_t>(quotient);
}

std::int64_t saturating_sum(std::initializer_list<std::optional<std::int64_t>> terms) {
    __int128 sum = 0;
    for (const std::optional<std::int64_t>& term : terms) sum += term ? *term : highest;
    return static_cast<std::int64_t>(sum < lowest ? lowest : sum > highest ? highest : sum);
}

}  // namespace dayu::sched
