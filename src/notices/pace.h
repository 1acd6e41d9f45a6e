// When to send next: how long to rest after failures, and how many messages a minute a receiver takes.
#pragma once

#include <deque>

#include "base/time.h"

namespace dayu::notices {

inline constexpr Duration first_rest = seconds(5);
inline constexpr Duration longest_rest = seconds(1800);

// After the `failures`-th failure in a row: doubled each time, spread by a fifth to either side, so that
// what failed together does not come back together. `chance` is from 0 to 1000.
Duration rest_after(std::int64_t failures, std::int64_t chance);

// At most `limit` in any minute; 0: no limit.
class MinuteWindow {
   public:
    explicit MinuteWindow(std::size_t limit) : limit_(limit) {}
    void sent(Instant now);
    Instant next(Instant now) const;  // the earliest for one more

   private:
    std::size_t limit_;
    std::deque<Instant> sent_;
};

}  // namespace dayu::notices
