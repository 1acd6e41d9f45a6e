// Plans for one job under a price of waiting: what it is expected to emit, plus the price for each step that it is
// expected to wait, is least. With price 0 only carbon counts; the higher the price, the sooner it runs.
#pragma once

#include <cstdint>
#include <vector>

#include "sched/timing.h"

namespace dayu::sched {

struct StartOutlook {
    std::vector<Pause> pauses;
    double wait = 0;  // expected, in steps
};

struct OutlookQuestion {
    const IntensitySeries& series;
    const std::vector<std::int64_t>& lengths;  // equally likely, in order
    std::int64_t arrival = 0;
    std::int64_t longest_wait = 0;
};

// Chooses the start, on a grid of a quarter of an hour. One answer a price.
std::vector<StartOutlook> best_starts(const OutlookQuestion& question,
                                      const std::vector<double>& prices);

// Chooses when to pause too: at each quarter of an hour the job either runs or waits, by dynamic programming over (waited,
// worked); how likely it is to be still there after so much work weighs both.
std::vector<StartOutlook> best_pauses(const OutlookQuestion& question,
                                      const std::vector<double>& prices);

}  // namespace dayu::sched
