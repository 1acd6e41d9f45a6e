#include <algorithm>

#include "base/check.h"
#include "sched/timing.h"

namespace dayu::sched {

IntensitySeries::IntensitySeries(std::vector<double> hourly, std::int64_t steps_an_hour)
    : hourly_(std::move(hourly)), steps_an_hour_(steps_an_hour) {
    CHECK(!hourly_.empty());
    CHECK(steps_an_hour > 0);
    double sum = 0;
    for (const double intensity : hourly_) {
        before_hour_.push_back(sum);
        sum += intensity * static_cast<double>(steps_an_hour_);
    }
}

std::size_t IntensitySeries::hour_of(std::int64_t step) const {
    return std::min(static_cast<std::size_t>(step / steps_an_hour_), hourly_.size() - 1);
}

double IntensitySeries::before(std::int64_t step) const {
    const std::size_t hour = hour_of(step);
    const std::int64_t into = step - static_cast<std::int64_t>(hour) * steps_an_hour_;
    return before_hour_[hour] + hourly_[hour] * static_cast<double>(into);
}

}  // namespace dayu::sched
