// Least attained service first, without knowing how long anything takes: most jobs are short, so one that has had
// little is likely to end soon, and one that has had much is likely to need much more.
//
// Service is counted in levels, each 1.6 times the one before, so that jobs of about equal age run one after the
// other instead of taking turns. A gang pays for its chips a little more than each one, since its end frees many
// at once but its start needs them all.
#include <array>
#include <cmath>

#include "sched/ordering/policies.h"

namespace dayu::sched {
namespace {

constexpr double first_level_chip_s = 60;
constexpr double level_growth = 1.6;
constexpr std::size_t levels = 29;
constexpr double chips_exponent = 1.2;

class Attained : public OrderingPolicy {
   public:
    Attained() {
        double threshold = first_level_chip_s;
        for (double& level : thresholds_) {
            level = threshold;
            threshold *= level_growth;
        }
    }

    LineStanding standing(const OrderingJob& job, std::int64_t now_s) override {
        const double rate = std::pow(static_cast<double>(job.chips), chips_exponent);
        const double attained = rate * static_cast<double>(job.ran_s);
        std::size_t level = 0;
        while (level < levels && attained >= thresholds_[level]) ++level;
        LineStanding standing{.key = static_cast<double>(level)};
        if (job.is_running && level < levels) {
            standing.until_s =
                now_s + static_cast<std::int64_t>(std::ceil(thresholds_[level] / rate)) - job.ran_s;
        }
        return standing;
    }

   private:
    std::array<double, levels> thresholds_{};
};

}  // namespace

std::unique_ptr<OrderingPolicy> attained_ordering(const OrderingSetting& /*setting*/) {
    return std::make_unique<Attained>();
}

}  // namespace dayu::sched
