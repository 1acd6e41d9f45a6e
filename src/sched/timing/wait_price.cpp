#include "sched/timing/wait_price.h"

#include <algorithm>
#include <cmath>

#include "sched/timing/outlook.h"
#include "sched/timing/policies.h"

namespace dayu::sched {
namespace {

// Looks far enough to see whole days, and from hours that meet all hours of the day.
constexpr std::int64_t look_ahead_hours = 72;
constexpr std::int64_t look_every_hours = 5;
constexpr std::int64_t look_again_hours = 12;
// Prices that are tried, in parts of the mean intensity: from less than what waiting saves where
// hours differ by a ten-thousandth to more than any job would pay.
constexpr double lowest_price = 5e-6;
constexpr double price_growth = 1.4;
constexpr std::size_t prices_tried = 47;
// What was left over is spent over so many jobs. Slowly: a price that follows every whim of luck
// buys dear hours today and passes over cheap ones tomorrow. Not too slowly: what is left at the
// end has saved nothing.
constexpr double spend_over_jobs = 600;

}  // namespace

WaitPrice::WaitPrice(const TimingSetting& setting)
    : setting_(setting), waits_(setting.kinds.size()), carbon_time_waits_(setting.kinds.size()) {}

void WaitPrice::arrived(const TimingJob& job) {
    ++arrivals_[{job.kind, job.cpus}];
    ++arrived_;
}

void WaitPrice::look_ahead(std::int64_t now, const std::vector<SurvivalCurve>& lengths) {
    if (now < look_again_at_) return;
    const IntensitySeries& series = *setting_.series;
    const std::int64_t hour = series.steps_an_hour();
    const std::int64_t end = now + look_ahead_hours * hour;
    look_again_at_ = now + look_again_hours * hour;
    if (prices_.empty()) try_prices_of(series.sum(now, end) / static_cast<double>(end - now));
    for (std::int64_t at = now; at < end; at += look_every_hours * hour, ++looks_) {
        for (std::size_t kind = 0; kind < waits_.size(); ++kind) {
            const auto plans = best_plans({.series = series,
                                           .lengths = lengths[kind],
                                           .now = at,
                                           .longest_wait = setting_.kinds[kind].longest_wait,
                                           .slot = hour,
                                           .may_pause = setting_.may_pause},
                                          prices_);
            for (std::size_t i = 0; i < prices_.size(); ++i) waits_[kind][i] += plans[i].wait;
            carbon_time_waits_[kind] += static_cast<double>(carbon_time_wait(setting_, at, kind));
        }
    }
}

void WaitPrice::try_prices_of(double mean_intensity) {
    double price = lowest_price * mean_intensity;
    for (; prices_.size() < prices_tried; price *= price_growth) prices_.push_back(price);
    for (std::vector<double>& waits : waits_) waits.assign(prices_.size(), 0);
}

// The lowest at which the mean wait is no longer than allowed.
double WaitPrice::at(double spare, std::size_t there) const {
    double allowed = spare / (spare > 0 ? spend_over_jobs : static_cast<double>(there));
    double most_cpus = 1;
    for (const auto& [sort, count] : arrivals_) {
        allowed += count / arrived_ * carbon_time_waits_[sort.first] / looks_;
        most_cpus = std::max(most_cpus, sort.second);
    }
    double low = prices_.front() / 2, high = prices_.back() * most_cpus;
    for (int halving = 0; halving < 30; ++halving) {
        const double middle = std::sqrt(low * high);
        (mean_wait_at(middle) > allowed ? low : high) = middle;
    }
    return high;
}

double WaitPrice::mean_wait_at(double price) const {
    double sum = 0;
    for (const auto& [sort, count] : arrivals_)
        sum += count * wait_of(sort.first, price / sort.second);
    return sum / arrived_ / looks_;
}

// Between the prices that were tried, on the line from one to the next.
double WaitPrice::wait_of(std::size_t kind, double price) const {
    const std::vector<double>& waits = waits_[kind];
    if (price <= prices_.front()) return waits.front();
    if (price >= prices_.back()) return waits.back();
    const double place = std::log(price / prices_.front()) / std::log(price_growth);
    const std::size_t at = std::min(static_cast<std::size_t>(place), waits.size() - 2);
    return waits[at] + (waits[at + 1] - waits[at]) * (place - static_cast<double>(at));
}

}  // namespace dayu::sched
