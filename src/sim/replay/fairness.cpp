#include "sim/replay/fairness.h"

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <queue>
#include <utility>

namespace dayu::sim {
namespace {

// Parts are sums of fractions.
constexpr double hardly_any = 1e-9;

double bounded(double time_s) { return std::max(time_s, shortest_s); }

// A project's own part of the world, in which its jobs start in the order in which they come.
class Slice {
   public:
    explicit Slice(double size) : size_(size), free_(size) {}

    // When the job ends. Asked in the order of arrivals.
    double end_of(const Finished& job) {
        const double width = std::min(job.part, size_);
        clock_s_ = std::max(clock_s_, job.arrival_s);
        while (!running_.empty() &&
               (running_.top().first <= clock_s_ || free_ + hardly_any < width)) {
            clock_s_ = std::max(clock_s_, running_.top().first);
            free_ += running_.top().second;
            running_.pop();
        }
        const double slower = width > 0 ? job.part / width : 1;
        const double end_s = clock_s_ + job.duration_s * slower;
        free_ -= width;
        running_.emplace(end_s, width);
        return end_s;
    }

   private:
    using End = std::pair<double, double>;  // when, and how much of the slice is free then

    double size_;
    double free_;
    double clock_s_ = 0;  // the last start: nobody overtakes
    std::priority_queue<End, std::vector<End>, std::greater<>> running_;
};

}  // namespace

double bounded_slowdown(const Finished& job) {
    return std::max(1.0, job.jct_s / bounded(job.duration_s));
}

std::vector<double> finish_time_ratios(std::span<const Finished> jobs,
                                       std::span<const double> weights) {
    std::vector<std::uint32_t> in_order(jobs.size());
    std::iota(in_order.begin(), in_order.end(), 0U);
    std::ranges::stable_sort(in_order, {}, [&](std::uint32_t i) { return jobs[i].arrival_s; });
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    std::map<std::pair<std::uint32_t, bool>, Slice> slices;
    std::vector<double> ratios(jobs.size());
    for (const std::uint32_t i : in_order) {
        const Finished& job = jobs[i];
        const auto at =
            slices.try_emplace({job.project, job.has_chips}, weights[job.project] / sum).first;
        const double alone_s = at->second.end_of(job) - job.arrival_s;
        ratios[i] = bounded(job.jct_s) / bounded(alone_s);
    }
    return ratios;
}

double jain_index(std::span<const double> values) {
    double sum = 0;
    double squares = 0;
    for (const double value : values) {
        sum += value;
        squares += value * value;
    }
    return squares > 0 ? sum * sum / (static_cast<double>(values.size()) * squares) : 1;
}

}  // namespace dayu::sim
