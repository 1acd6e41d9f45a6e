// The price of a step of waiting at which jobs like those that came would wait, in the mean over
// the power of all days that were looked at, as long as they are allowed: what carbon-time would
// make them wait, and a part of what was left over. It hardly changes from day to day, and so
// waiting goes to the days on which it saves most.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "sched/timing.h"
#include "sched/timing/lengths.h"

namespace dayu::sched {

class WaitPrice {
   public:
    explicit WaitPrice(const TimingSetting& setting);

    void arrived(const TimingJob& job);
    // Looks at the coming days if that is due. One curve a kind.
    void look_ahead(std::int64_t now, const std::vector<SurvivalCurve>& lengths);
    // For a job with one CPU, given the waiting that would be left over. What would be missing, those
    // who are there have to save: the budget would run out in the middle of their plans, and they
    // would work in whatever hours were next. Somebody has arrived, and is there.
    double at(double spare, std::size_t there) const;

   private:
    void try_prices_of(double mean_intensity);
    double mean_wait_at(double price) const;
    double wait_of(std::size_t kind, double price) const;

    const TimingSetting setting_;
    std::map<std::pair<std::size_t, double>, double> arrivals_;  // how many, by kind and CPUs
    double arrived_ = 0;
    std::int64_t look_again_at_ = 0;
    std::vector<double> prices_;  // that are tried
    // Of all looks, for a job with one CPU.
    double looks_ = 0;
    std::vector<std::vector<double>> waits_;  // sum, of each kind at each price
    std::vector<double> carbon_time_waits_;   // sum, of each kind
};

}  // namespace dayu::sched
