// The rules that refuse a pool whatever runs there: capacity, chip, place, data class, price. Each is a
// row of one table (rules.cpp) and can be asked without making text, which a round does a hundred
// thousand times.
#pragma once

#include <string>
#include <string_view>

#include "model/center.h"
#include "model/chip.h"
#include "model/job.h"
#include "model/offer.h"

namespace dayu::sched {

struct Case {
    const Center& center;
    const Pool& pool;
    const Chip* chip;  // as the registry knows the one that the spec asks for
    const JobSpec& spec;
};

struct Rule {
    std::string_view code;
    Reason tier;
    bool (*is_broken)(const Case&);
    std::string (*detail)(const Case&);
};

// The first rule that is broken, in the order in which a user would want to hear; nullptr for none.
const Rule* first_broken(const Case& one);

std::string yuan(Money amount);  // "120.00": as short as it is exact, with two decimals at least
std::string chips(std::int64_t chips_milli);  // "8", "0.5"

}  // namespace dayu::sched
