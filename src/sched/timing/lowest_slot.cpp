// Starts at the first step of least intensity within the wait (GAIA's Lowest-Slot).
#include "sched/timing/policies.h"

namespace dayu::sched {
namespace {

class LowestSlot : public TimingPolicy {
   public:
    explicit LowestSlot(const TimingSetting& setting) : setting_(setting) {}

    std::vector<Pause> plan(const TimingJob& job) override {
        const IntensitySeries& series = *setting_.series;
        const std::int64_t latest = job.arrival + setting_.kinds[job.kind].longest_wait;
        std::int64_t best = job.arrival;
        // Intensity changes on the hour only.
        const std::int64_t hour = series.steps_an_hour();
        for (std::int64_t step = (job.arrival / hour + 1) * hour;
             step <= latest && step < series.steps(); step += hour) {
            if (series.at(step) < series.at(best)) best = step;
        }
        return start_at(job, best);
    }

   private:
    const TimingSetting setting_;
};

}  // namespace

std::unique_ptr<TimingPolicy> lowest_slot_timing(const TimingSetting& setting) {
    return std::make_unique<LowestSlot>(setting);
}

}  // namespace dayu::sched
