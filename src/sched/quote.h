// What a job costs on a pool at most: money, energy and carbon of its whole time limit. Offers, rules
// and explanations all quote by this one arithmetic.
#pragma once

#include <cstdint>
#include <optional>

#include "base/money.h"
#include "model/center.h"
#include "model/chip.h"
#include "model/job.h"

namespace dayu::sched {

struct Quote {
    Money price;
    std::int64_t energy_mwh = 0;  // milliwatt-hours, PUE included
    std::int64_t carbon_mg = 0;   // location-based
};

// Chips by the chip-hour, which includes their host; a job without chips by the CPU-hour. Rounded half
// away from zero, once. Nothing when it passes 64 bits.
std::optional<Money> price_at_most(const Pool& pool, const JobSpec& spec);

// `chip` is what the registry knows of the chip that the spec asks for; nullptr for none.
std::optional<Quote> quote(const Center& center, const Pool& pool, const Chip* chip,
                           const JobSpec& spec);

}  // namespace dayu::sched
