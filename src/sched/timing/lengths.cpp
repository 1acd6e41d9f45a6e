#include "sched/timing/lengths.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace dayu::sched {
namespace {

constexpr std::size_t remembered = 2000;  // ends
constexpr std::int64_t marks_an_hour = 12;
constexpr std::int64_t hours_marked = 120;

// How many of a log-normal distribution are longer.
double longer_than(double hours, const LengthPrior& prior) {
    if (hours <= 0) return 1;
    return std::erfc(std::log(hours / prior.median_h) / prior.log_sd / std::numbers::sqrt2) / 2;
}

}  // namespace

SurvivalCurve::SurvivalCurve(std::vector<double> alive, std::int64_t mark)
    : alive_(std::move(alive)), mark_(mark) {
    double work = 0;
    for (std::size_t at = 0; at < alive_.size(); ++at) {
        if (at > 0) work += (alive_[at - 1] + alive_[at]) / 2 * static_cast<double>(mark_);
        work_.push_back(work);
    }
}

double SurvivalCurve::after(std::int64_t worked) const {
    const auto at = static_cast<std::size_t>(worked / mark_);
    if (at + 1 >= alive_.size()) return alive_.back();
    const double into = static_cast<double>(worked % mark_) / static_cast<double>(mark_);
    return alive_[at] + (alive_[at + 1] - alive_[at]) * into;
}

double SurvivalCurve::work_until(std::int64_t worked) const {
    const std::size_t at = std::min(static_cast<std::size_t>(worked / mark_), alive_.size() - 1);
    const std::int64_t into = worked - static_cast<std::int64_t>(at) * mark_;
    return work_[at] + (alive_[at] + after(worked)) / 2 * static_cast<double>(into);
}

Lengths::Lengths(const TimingKind& kind, const LengthPrior& prior, std::int64_t steps_an_hour)
    : mark_(std::max<std::int64_t>(steps_an_hour / marks_an_hour, 1)) {
    const auto hours = [&](std::int64_t steps) {
        return static_cast<double>(steps) / static_cast<double>(steps_an_hour);
    };
    const double all = longer_than(hours(kind.shortest), prior);
    const double beyond = kind.below > 0 ? longer_than(hours(kind.below), prior) : 0;
    for (std::int64_t worked = 0; worked <= hours_marked * steps_an_hour; worked += mark_) {
        const double longer = std::min(longer_than(hours(worked), prior), all);
        prior_.push_back(prior.weighs * std::max(longer - beyond, 0.0) / (all - beyond));
    }
}

void Lengths::ended(std::uint32_t job, std::int64_t length) {
    working_.erase(job);
    ended_.push_back(length);
    if (ended_.size() > remembered) ended_.pop_front();
}

std::size_t Lengths::mark_at_or_before(std::int64_t worked) const {
    return std::min(static_cast<std::size_t>(worked / mark_), prior_.size() - 1);
}

// From mark to mark, of those who come so far a part goes no further: of the prior's and of the
// observed together (the mean of a beta-Stacy process given what was seen; without a prior it is
// Kaplan and Meier's estimate).
SurvivalCurve Lengths::curve() const {
    std::vector<double> ends(prior_.size()), leaves(prior_.size());
    for (const std::int64_t length : ended_) {
        const std::size_t at = mark_at_or_before(length + mark_ - 1);
        ++ends[at];
        ++leaves[at];
    }
    for (const auto& [job, worked] : working_) ++leaves[mark_at_or_before(worked)];
    auto there = static_cast<double>(ended_.size() + working_.size());
    std::vector<double> alive{1};
    for (std::size_t at = 1; at < prior_.size(); ++at) {
        there -= leaves[at - 1];
        const double at_risk = there + prior_[at - 1];
        const double ending = ends[at] + prior_[at - 1] - prior_[at];
        alive.push_back(at_risk > 0 ? alive.back() * std::max(1 - ending / at_risk, 0.0) : 0);
    }
    return {std::move(alive), mark_};
}

}  // namespace dayu::sched
