// Plans for one job under a price of waiting: what it is expected to emit from now on, plus the
// price for each step that it is expected to wait, is least. With price 0 only carbon counts; the
// higher the price, the sooner it runs.
#pragma once

#include <cstdint>
#include <vector>

#include "sched/timing.h"
#include "sched/timing/lengths.h"

namespace dayu::sched {

struct OutlookQuestion {
    const IntensitySeries& series;
    const SurvivalCurve& lengths;
    std::int64_t now = 0;
    std::int64_t worked = 0;        // so far
    std::int64_t longest_wait = 0;  // from now on
    std::int64_t slot = 1;          // steps; in each it runs or waits
    bool may_pause = false;         // else it chooses its start
};

struct Outlook {
    std::vector<Pause> pauses;
    double wait = 0;  // expected, in steps
};

// One answer a price. Starts are compared; with pauses it is dynamic programming over (waited,
// worked), where how likely the job is to be still there after so much work weighs both carbon and
// waiting.
std::vector<Outlook> best_plans(const OutlookQuestion& question, const std::vector<double>& prices);

}  // namespace dayu::sched
