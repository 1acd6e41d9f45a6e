#include "sched/run_times.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>

namespace dayu::sched {
namespace {

constexpr double bins_an_octave = 4;
constexpr double ms_per_s = 1000;
// Of those that run in a group, the latest so many count: as many as of those that ended.
constexpr float most_running = 30;
// What has run for longer than anything that was thought possible.
constexpr float least_share = 1e-6F;

// Of what makes a step, by the mixer of splitmix64.
std::uint64_t key(std::initializer_list<std::uint64_t> parts) {
    std::uint64_t mixed = 0;
    for (const std::uint64_t part : parts) {
        mixed = (mixed ^ part) + 0x9E3779B97F4A7C15ULL;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
        mixed ^= mixed >> 31;
    }
    return mixed;
}

}  // namespace

// From the widest to the narrowest.
std::array<std::uint64_t, RunTimes::steps> RunTimes::keys_of(const Likeness& job) {
    const auto size = static_cast<std::uint64_t>(job.size);
    const auto asked = static_cast<std::uint64_t>(job.requested.ms);
    return {key({0}),
            key({1, job.project}),
            key({2, job.project, job.user}),
            key({3, job.project, job.user, asked}),
            key({4, job.project, job.user, job.name, job.kind, size}),
            key({5, job.project, job.user, job.name, job.kind, size, asked})};
}

std::size_t RunTimes::bin_of(Duration time) {
    const double s = static_cast<double>(time.ms) / ms_per_s;
    if (s <= 1) return 0;
    const auto bin = static_cast<std::size_t>(std::log2(s) * bins_an_octave);
    return std::min(bin, bins - 1);
}

Duration RunTimes::end_of(std::size_t bin) {
    const double s = std::exp2(static_cast<double>(bin + 1) / bins_an_octave);
    return {static_cast<std::int64_t>(s * ms_per_s)};
}

// Nothing where it is new, and there are as many as there may be.
RunTimes::Group* RunTimes::find(std::uint64_t key) {
    const auto at = groups_.find(key);
    if (at != groups_.end()) return &at->second;
    if (groups_.size() >= parameters_.most_groups) return nullptr;
    return &groups_[key];
}

void RunTimes::start(const Likeness& job, Time at) {
    for (const std::uint64_t key : keys_of(job)) {
        if (Group* group = find(key)) group->running.insert(at);
    }
}

void RunTimes::forget(const Likeness& job, Time started) {
    for (const std::uint64_t key : keys_of(job)) {
        const auto at = groups_.find(key);
        if (at == groups_.end()) continue;
        std::multiset<Time>& running = at->second.running;
        if (const auto one = running.find(started); one != running.end()) running.erase(one);
    }
}

void RunTimes::end(const Likeness& job, Time started, Time ended) {
    forget(job, started);
    const std::size_t bin = bin_of(ended - started);
    for (const std::uint64_t key : keys_of(job)) {
        Group* group = find(key);
        if (group == nullptr) continue;
        for (float& count : group->count) count *= parameters_.keeps;
        group->count[bin] += 1;
        group->sum = group->sum * parameters_.keeps + 1;
    }
}

// The latest of them, each with weight 1 beside the `weight` of `shares`.
void RunTimes::add_running(const Group& group, float weight, Time now, Shares& shares) {
    std::array<float, bins> reached{};  // how many have come to this bin, and no further
    float jobs = 0;
    for (auto at = group.running.rbegin(); at != group.running.rend() && jobs < most_running;
         ++at) {
        reached[bin_of(now - *at)] += 1;
        jobs += 1;
    }
    if (jobs == 0) return;
    std::array<float, bins> behind{};  // the sum of the shares from this bin on
    float sum = 0;
    for (std::size_t bin = bins; bin-- > 0;) behind[bin] = sum += shares[bin];
    float spread = 0;
    for (std::size_t bin = 0; bin < bins; ++bin) {
        spread += reached[bin] / std::max(behind[bin], least_share);
        shares[bin] *= (weight + spread) / (weight + jobs);
    }
}

RunTimes::Shares RunTimes::shares_of(const Likeness& job, Time now) const {
    Shares shares;
    shares.fill(1.0F / static_cast<float>(bins));
    for (const std::uint64_t key : keys_of(job)) {
        const auto at = groups_.find(key);
        if (at == groups_.end()) continue;
        const Group& group = at->second;
        const float k = parameters_.leans_on_above;
        for (std::size_t bin = 0; bin < bins; ++bin)
            shares[bin] = (group.count[bin] + k * shares[bin]) / (group.sum + k);
        add_running(group, group.sum + k, now, shares);
    }
    return shares;
}

// What would run beyond its request ends with it, and so the request has all the shares that lie behind it.
Duration RunTimes::predict(const Likeness& job, double quantile, Time now) const {
    const Shares shares = shares_of(job, now);
    double over = 0;
    for (std::size_t bin = 0; bin < bins; ++bin) {
        over += static_cast<double>(shares[bin]);
        if (over >= quantile) return std::min(end_of(bin), job.requested);
    }
    return job.requested;
}

}  // namespace dayu::sched
