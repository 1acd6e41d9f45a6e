// Dayu's own timing. Each hour weighs by the chance that the job still runs in it, as learned from those that ended;
// a price of waiting decides how long a cleaner hour is waited for. Where it is allowed, the job pauses too.
//
// The price is the one at which jobs like those that came would wait as long, on the power of all days that were
// looked at, as carbon-time makes them wait. It hardly changes from day to day, and so waiting goes to the days on
// which it saves most. No job waits more than its share and what those before it have left over of theirs: whatever
// the jobs, their mean wait is at most that of carbon-time. With pauses, of which a short job may need none and a long
// one many, that holds for the expected waits of those that run, and for the true ones once they have ended.
#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "sched/timing/lengths.h"
#include "sched/timing/outlook.h"
#include "sched/timing/policies.h"

namespace dayu::sched {
namespace {

struct SurvivalRules {
    // Looks far enough to see whole days, and from hours that meet all hours of the day.
    std::int64_t look_ahead_hours = 72;
    std::int64_t look_every_hours = 5;
    std::int64_t look_again_hours = 12;
    // Prices that are tried, in parts of the mean intensity: from less than what waiting saves where hours differ by a
    // ten-thousandth to more than any job would pay.
    double lowest_price = 3e-5;
    double price_growth = 1.2;
    std::size_t prices = 75;
    // What was saved so far is spent over so many jobs. Slowly: a price that follows every whim of luck buys dear
    // hours today and passes over cheap ones tomorrow.
    double spend_over_jobs = 1000;
};

class Survival : public TimingPolicy {
   public:
    explicit Survival(const TimingSetting& setting) : setting_(setting) {
        for (const TimingKind& kind : setting_.kinds) lengths_.emplace_back(kind);
        likely_.resize(setting_.kinds.size());
        waits_.resize(setting_.kinds.size());
        carbon_time_waits_.resize(setting_.kinds.size());
    }

    std::vector<Pause> plan(const TimingJob& job) override;
    void finished(const TimingJob& job, const Took& took) override;

   private:
    void look_ahead(std::int64_t now);
    void try_prices_of(double mean_intensity);
    double price_now() const;
    double mean_wait_at(double price) const;
    double wait_of(std::size_t kind, double price) const;
    std::int64_t carbon_time_wait(std::int64_t arrival, std::size_t kind) const;
    std::vector<StartOutlook> ask(std::int64_t arrival, std::size_t kind, std::int64_t longest_wait,
                                  const std::vector<double>& prices) const;

    const TimingSetting setting_;
    const SurvivalRules rules_;
    std::vector<Lengths> lengths_;                               // of each kind
    std::map<std::pair<std::size_t, double>, double> arrivals_;  // how many, by kind and CPUs
    double arrived_ = 0;
    // Steps that jobs so far may have waited more. Less than none when pauses came out longer than expected.
    std::int64_t saved_ = 0;
    std::map<std::uint32_t, std::int64_t> expected_;  // waits of those who run

    std::int64_t look_again_at_ = 0;
    std::vector<std::vector<std::int64_t>> likely_;  // lengths of each kind, as of the last look
    // Of all looks, for a job with one CPU.
    double looks_ = 0;
    std::vector<double> prices_;
    std::vector<std::vector<double>> waits_;  // sum, of each kind at each price
    std::vector<double> carbon_time_waits_;   // sum, of each kind
};

std::vector<Pause> Survival::plan(const TimingJob& job) {
    ++arrivals_[{job.kind, job.cpus}];
    ++arrived_;
    if (job.arrival >= look_again_at_) look_ahead(job.arrival);
    saved_ += carbon_time_wait(job.arrival, job.kind);
    const std::int64_t longest_wait =
        std::clamp<std::int64_t>(saved_, 0, setting_.kinds[job.kind].longest_wait);
    const auto [pauses, expected] =
        ask(job.arrival, job.kind, longest_wait, {price_now() / job.cpus}).front();
    const auto wait = static_cast<std::int64_t>(std::ceil(expected));
    saved_ -= wait;
    expected_[job.id] = wait;
    const bool starts_later = !pauses.empty() && pauses[0].from == job.arrival;
    lengths_[job.kind].started(job.id, starts_later ? pauses[0].to : job.arrival);
    return pauses;
}

void Survival::finished(const TimingJob& job, const Took& took) {
    saved_ += expected_[job.id] - took.wait;
    expected_.erase(job.id);
    lengths_[job.kind].ended(job.id, took.length);
}

void Survival::look_ahead(std::int64_t now) {
    const IntensitySeries& series = *setting_.series;
    const std::int64_t hour = series.steps_an_hour();
    const std::int64_t end = now + rules_.look_ahead_hours * hour;
    look_again_at_ = now + rules_.look_again_hours * hour;
    if (prices_.empty()) try_prices_of(series.sum(now, end) / static_cast<double>(end - now));
    for (std::size_t kind = 0; kind < lengths_.size(); ++kind)
        likely_[kind] = lengths_[kind].equally_likely(now);
    for (std::int64_t at = now; at < end; at += rules_.look_every_hours * hour, ++looks_) {
        for (std::size_t kind = 0; kind < lengths_.size(); ++kind) {
            const auto outlooks = ask(at, kind, setting_.kinds[kind].longest_wait, prices_);
            for (std::size_t i = 0; i < prices_.size(); ++i) waits_[kind][i] += outlooks[i].wait;
            carbon_time_waits_[kind] += static_cast<double>(carbon_time_wait(at, kind));
        }
    }
}

void Survival::try_prices_of(double mean_intensity) {
    double price = rules_.lowest_price * mean_intensity;
    for (; prices_.size() < rules_.prices; price *= rules_.price_growth) prices_.push_back(price);
    for (std::vector<double>& waits : waits_) waits.assign(prices_.size(), 0);
}

// The lowest at which jobs like those that came wait no longer than carbon-time's and what was saved allow.
double Survival::price_now() const {
    double allowed = static_cast<double>(saved_) / rules_.spend_over_jobs;
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

double Survival::mean_wait_at(double price) const {
    double sum = 0;
    for (const auto& [sort, count] : arrivals_)
        sum += count * wait_of(sort.first, price / sort.second);
    return sum / arrived_ / looks_;
}

// Between the prices that were tried, on the line from one to the next.
double Survival::wait_of(std::size_t kind, double price) const {
    const std::vector<double>& waits = waits_[kind];
    if (price <= prices_.front()) return waits.front();
    if (price >= prices_.back()) return waits.back();
    const double place = std::log(price / prices_.front()) / std::log(rules_.price_growth);
    const std::size_t at = std::min(static_cast<std::size_t>(place), waits.size() - 2);
    return waits[at] + (waits[at + 1] - waits[at]) * (place - static_cast<double>(at));
}

std::int64_t Survival::carbon_time_wait(std::int64_t arrival, std::size_t kind) const {
    const TimingKind& of = setting_.kinds[kind];
    return carbon_time_start(*setting_.series, arrival, of.longest_wait, of.mean_length) - arrival;
}

std::vector<StartOutlook> Survival::ask(std::int64_t arrival, std::size_t kind,
                                        std::int64_t longest_wait,
                                        const std::vector<double>& prices) const {
    const OutlookQuestion question{.series = *setting_.series,
                                   .lengths = likely_[kind],
                                   .arrival = arrival,
                                   .longest_wait = longest_wait};
    return setting_.may_pause ? best_pauses(question, prices) : best_starts(question, prices);
}

}  // namespace

std::unique_ptr<TimingPolicy> survival_timing(const TimingSetting& setting) {
    return std::make_unique<Survival>(setting);
}

}  // namespace dayu::sched
