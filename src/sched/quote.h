// What a job costs on a pool: money, energy and carbon of its whole time limit, which is the most that it can come to, or of
// the time that it is expected to run; and what it takes to bring its data there. Offers, rules and explanations all quote by this one arithmetic.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/money.h"
#include "base/time.h"
#include "model/center.h"
#include "model/chip.h"
#include "model/dataset.h"
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

// What so much of the pool costs by the hour; held at an end that leaves room for sums.
Money price_per_hour(const Pool& pool, std::int64_t chips_milli, std::int64_t cpus);

// `chip` is what the registry knows of the chip that the spec asks for; nullptr for none.
std::optional<Quote> quote(const Center& center, const Pool& pool, const Chip* chip,
                           const JobSpec& spec);
// Of so much time.
std::optional<Quote> quote_of(const Center& center, const Pool& pool, const Chip* chip,
                              const JobSpec& spec, Duration time);

// The chips whose waiting is reckoned, in thousandths; CPUs stand for chips where the job has none.
std::int64_t chip_equivalents_milli(const JobSpec& spec);

// Of the inputs that are not at the centre yet. What nobody has declared lies nowhere.
struct Moving {
    std::int64_t bytes = 0;
    Duration takes;  // 0 where the link is not known
    Money cost;
};
Moving moving_to(const Center& center, const JobSpec& spec,
                 const std::map<std::string, Dataset>& datasets);

}  // namespace dayu::sched
