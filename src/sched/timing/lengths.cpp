#include "sched/timing/lengths.h"

#include <algorithm>

namespace dayu::sched {
namespace {

constexpr std::size_t remembered = 2000;  // ends
constexpr std::size_t parts = 50;         // of the distribution
constexpr double guesses_weigh = 6;       // as much as so many ends, together

// Guesses, of the bound below which a kind's jobs are, or above which. Spread widely, as lengths of jobs are.
constexpr double below_bound[] = {0.04, 0.08, 0.15, 0.3, 0.6, 0.9};
constexpr double above_bound[] = {1.2, 1.5, 2, 3, 4.5, 8};

}  // namespace

Lengths::Lengths(const TimingKind& kind) {
    const auto guess = [&](std::int64_t bound, double part) {
        guesses_.push_back({.length = static_cast<std::int64_t>(part * static_cast<double>(bound)),
                            .weight = guesses_weigh / std::size(below_bound)});
    };
    if (kind.below > 0) {
        for (const double part : below_bound) guess(kind.below, part);
    } else {
        for (const double part : above_bound) guess(kind.shortest, part);
    }
}

void Lengths::ended(std::uint32_t job, std::int64_t length) {
    started_.erase(job);
    ended_.push_back(length);
    if (ended_.size() > remembered) ended_.pop_front();
}

std::vector<std::int64_t> Lengths::equally_likely(std::int64_t now) const {
    std::vector<Seen> seen = guesses_;
    for (const std::int64_t length : ended_) seen.push_back({.length = length});
    std::ranges::sort(seen, {}, &Seen::length);
    std::vector<std::int64_t> ages;
    for (const auto& [job, step] : started_) {
        if (step < now) ages.push_back(now - step);
    }
    std::ranges::sort(ages);

    // Who is that old or older, with the part of all that is.
    double at_risk = static_cast<double>(ages.size());
    for (const Seen& one : seen) at_risk += one.weight;
    double alive = 1;
    double passed = 0;
    auto age = ages.begin();
    std::vector<std::int64_t> lengths;
    for (const Seen& one : seen) {
        for (; age != ages.end() && *age < one.length; ++age) --at_risk;
        const double ending = alive * one.weight / at_risk;
        at_risk -= one.weight;
        alive -= ending;
        passed += ending;
        while (lengths.size() < parts &&
               (static_cast<double>(lengths.size()) + 0.5) / parts <= passed)
            lengths.push_back(one.length);
    }
    // What outlives all that has ended is taken to end with the longest of them.
    lengths.resize(parts, seen.back().length);
    return lengths;
}

}  // namespace dayu::sched
