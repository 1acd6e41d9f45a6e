// From a solution in fractions of jobs to one in whole jobs. What the fractions hold of whole jobs is taken as it is;
// little is left over, as a basic solution has at most as many fractions as there are classes and pools. That, and all
// that found no room in the programme, goes by regret: the job that loses most, for the chips that it takes, by not
// getting its best place chooses first.
#pragma once

#include <cstdint>
#include <vector>

#include "sched/market.h"

namespace dayu::sched {

// One way for jobs of a class to start, worth something.
struct Way {
    std::size_t job_class = 0;  // index in Market::classes
    std::size_t pool = 0;       // index in Market::pools
    VariantIndex variant{};
    std::int64_t wanted_milli = 0;
    std::int64_t value = 0;  // of one start, in micro-yuan: above 0
    __int128 gain = 0;       // what is left of it, in thousandths, when its chips are paid for
    double fraction = 0;     // of how many jobs, by the programme
};

// How many jobs go each way. `ways` stand in order of their classes.
std::vector<std::int64_t> round_to_jobs(const Market& market, const std::vector<Way>& ways);

}  // namespace dayu::sched
