// Of the starts at arrival, an hour later, two hours later, ... within the wait, the one with the least carbon for a
// job of the kind's mean length (GAIA's Lowest-Window). The earliest of equal ones; none whose window the series
// does not cover.
#include "sched/timing/policies.h"

namespace dayu::sched {
namespace {

class LowestWindow : public TimingPolicy {
   public:
    explicit LowestWindow(const TimingSetting& setting) : setting_(setting) {}

    std::vector<Pause> plan(const TimingJob& job) override {
        const IntensitySeries& series = *setting_.series;
        const TimingKind& kind = setting_.kinds[job.kind];
        std::int64_t best = job.arrival;
        double least = series.sum(best, best + kind.mean_length);
        for (std::int64_t start = job.arrival;
             start <= job.arrival + kind.longest_wait && start + kind.mean_length <= series.steps();
             start += series.steps_an_hour()) {
            const double carbon = series.sum(start, start + kind.mean_length);
            if (carbon < least) {
                best = start;
                least = carbon;
            }
        }
        return start_at(job, best);
    }

   private:
    const TimingSetting setting_;
};

}  // namespace

std::unique_ptr<TimingPolicy> lowest_window_timing(const TimingSetting& setting) {
    return std::make_unique<LowestWindow>(setting);
}

}  // namespace dayu::sched
