// What a run comes to: its share of what was quoted for the whole time limit. The live core charges by this, and the
// simulator by the same.
#pragma once

#include <cstdint>

#include "base/money.h"
#include "base/time.h"
#include "model/attempt.h"

namespace dayu::control {

struct RanShare {
    std::int64_t part_ms = 0;
    std::int64_t whole_ms = 1;

    std::int64_t of(std::int64_t amount) const;  // rounded half up
};

// The share of the time limit that ran, at most all of it: engines stop a little after the limit.
RanShare ran_share(Duration ran, Duration limit);

// Ended by its own doing or by its user; all else is the platform's or the centre's and is not billed.
bool is_billed(EndCause cause);

// What a queue has used, `age` after it came to `used`, once a run of `ran` is added at the price of its placement,
// whoever is billed for it. Held at the most that 64 bits take.
Money used_with(Money used, Duration age, Money price_at_most, Duration ran, Duration limit);

}  // namespace dayu::control
