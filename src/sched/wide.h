// Products that pass 64 bits on their way: prices and energies are rates times counts times
// milliseconds, and only the quotient is small again.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>

namespace dayu::sched {

// The product of `factors` over `divisor` (> 0), rounded half away from zero; nothing when the
// product passes 128 bits or the quotient 64.
std::optional<std::int64_t> product_over(std::initializer_list<std::int64_t> factors,
                                         std::int64_t divisor);

// The sum, held at the ends of 64 bits: for objectives, where "too dear to count" simply loses.
std::int64_t saturating_sum(std::initializer_list<std::optional<std::int64_t>> terms);

}  // namespace dayu::sched
