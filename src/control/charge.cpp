#include "control/charge.h"

#include <algorithm>
#include <limits>

#include "model/queue.h"

namespace dayu::control {

std::int64_t RanShare::of(std::int64_t amount) const {
    const __int128 product = static_cast<__int128>(amount) * part_ms;
    return static_cast<std::int64_t>((product + whole_ms / 2) / whole_ms);
}

RanShare ran_share(Duration ran, Duration limit) {
    if (ran.ms <= 0) return {};
    return {.part_ms = std::min(ran.ms, limit.ms), .whole_ms = limit.ms};
}

bool is_billed(EndCause cause) {
    return cause == EndCause::exited || cause == EndCause::time_limit || cause == EndCause::oom ||
           cause == EndCause::cancelled || cause == EndCause::requeued ||
           cause == EndCause::deadline;
}

Money used_with(Money used, Duration age, Money price_at_most, Duration ran, Duration limit) {
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    const __int128 more = static_cast<__int128>(price_at_most.micro_yuan) *
                          std::clamp<std::int64_t>(ran.ms, 0, limit.ms) / limit.ms;
    return {
        static_cast<std::int64_t>(std::min<__int128>(decayed(used, age).micro_yuan + more, most))};
}

}  // namespace dayu::control
