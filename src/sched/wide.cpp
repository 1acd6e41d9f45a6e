#include "sched/wide.h"

#include <limits>

#include "base/check.h"

namespace dayu::sched {
namespace {
constexpr __int128 lowest = std::numeric_limits<std::int64_t>::min();
constexpr __int128 highest = std::numeric_limits<std::int64_t>::max();

template <class Integer>
Integer divide_half_away(Integer product, std::int64_t divisor) {
    const Integer rest = product % divisor;
    const Integer size = rest < 0 ? -rest : rest;
    const Integer away = product < 0 ? -1 : 1;
    return product / divisor + (size >= divisor - size ? away : 0);
}

template <class Integer>
std::optional<Integer> product_of(std::initializer_list<std::int64_t> factors) {
    Integer product = 1;
    for (const std::int64_t factor : factors) {
        if (__builtin_mul_overflow(product, static_cast<Integer>(factor), &product)) return {};
    }
    return product;
}

}  // namespace

std::optional<std::int64_t> product_over(std::initializer_list<std::int64_t> factors,
                                         std::int64_t divisor) {
    CHECK(divisor > 0);
    // Most products fit 64 bits, whose division is several times as fast.
    if (const auto narrow = product_of<std::int64_t>(factors))
        return divide_half_away(*narrow, divisor);
    const auto wide = product_of<__int128>(factors);
    if (!wide) return {};
    const __int128 quotient = divide_half_away(*wide, divisor);
    if (quotient < lowest || quotient > highest) return {};
    return static_cast<std::int64_t>(quotient);
}

std::int64_t saturating_sum(std::initializer_list<std::optional<std::int64_t>> terms) {
    __int128 sum = 0;
    for (const std::optional<std::int64_t>& term : terms) sum += term ? *term : highest;
    return static_cast<std::int64_t>(sum < lowest ? lowest : sum > highest ? highest : sum);
}

}  // namespace dayu::sched
