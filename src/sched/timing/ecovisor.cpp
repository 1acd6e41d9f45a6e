// Runs while the intensity is below the 30th percentile of the day from its arrival, and pauses otherwise, until the
// wait is used up (Ecovisor, as GAIA runs it).
#include <algorithm>
#include <cmath>
#include <utility>

#include "sched/timing/policies.h"

namespace dayu::sched {
namespace {

constexpr double percentile = 0.3;
constexpr std::int64_t hours_looked_at = 24;

class Ecovisor : public TimingPolicy {
   public:
    explicit Ecovisor(const TimingSetting& setting) : setting_(setting) {}

    std::vector<Pause> plan(const TimingJob& job) override {
        const IntensitySeries& series = *setting_.series;
        const double threshold = threshold_from(job.arrival);
        std::vector<Pause> pauses;
        std::int64_t budget = setting_.kinds[job.kind].longest_wait;
        for (std::int64_t step = job.arrival; budget > 0 && step < series.steps();) {
            const std::int64_t next = next_hour(step);
            if (series.at(step) >= threshold) {
                const std::int64_t length = std::min(budget, next - step);
                pauses.push_back({step, step + length});
                budget -= length;
            }
            step = next;
        }
        return pauses;
    }

   private:
    std::int64_t next_hour(std::int64_t step) const {
        const std::int64_t hour = setting_.series->steps_an_hour();
        return (step / hour + 1) * hour;
    }

    // Between the two steps nearest to the rank, linearly.
    double threshold_from(std::int64_t arrival) const {
        const IntensitySeries& series = *setting_.series;
        const std::int64_t end =
            std::min(arrival + hours_looked_at * series.steps_an_hour(), series.steps());
        std::vector<std::pair<double, std::int64_t>> parts;  // intensity, steps
        for (std::int64_t step = arrival; step < end; step = next_hour(step))
            parts.emplace_back(series.at(step), std::min(next_hour(step), end) - step);
        std::ranges::sort(parts);
        const double rank = percentile * static_cast<double>(end - arrival - 1);
        const auto below = static_cast<std::int64_t>(rank);
        const double low = value_at(parts, below);
        const double high = value_at(parts, std::min(below + 1, end - arrival - 1));
        return low + (high - low) * (rank - std::floor(rank));
    }

    static double value_at(const std::vector<std::pair<double, std::int64_t>>& parts,
                           std::int64_t rank) {
        for (const auto& [intensity, steps] : parts) {
            if (rank < steps) return intensity;
            rank -= steps;
        }
        return parts.back().first;
    }

    const TimingSetting setting_;
};

}  // namespace

std::unique_ptr<TimingPolicy> ecovisor_timing(const TimingSetting& setting) {
    return std::make_unique<Ecovisor>(setting);
}

}  // namespace dayu::sched
