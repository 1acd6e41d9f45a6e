// Of the starts at arrival, an hour later, two hours later, ... within the wait, the one that saves
// the most carbon for each step of time to completion, for a job of the kind's mean length (GAIA's
// Carbon-Time). The earliest of equal ones; none whose window the series does not cover.
#include "sched/timing/policies.h"

namespace dayu::sched {

std::int64_t carbon_time_wait(const TimingSetting& setting, std::int64_t arrival,
                              std::size_t kind) {
    const IntensitySeries& series = *setting.series;
    const std::int64_t length = setting.kinds[kind].mean_length;
    const double at_once = series.sum(arrival, arrival + length);
    std::int64_t best = 0;
    double most = 0;
    for (std::int64_t wait = series.steps_an_hour();
         wait <= setting.kinds[kind].longest_wait && arrival + wait + length <= series.steps();
         wait += series.steps_an_hour()) {
        const double saved = at_once - series.sum(arrival + wait, arrival + wait + length);
        const double score = saved / static_cast<double>(wait + length);
        if (score > most) {
            best = wait;
            most = score;
        }
    }
    return best;
}

namespace {

class CarbonTime : public TimingPolicy {
   public:
    explicit CarbonTime(const TimingSetting& setting) : setting_(setting) {}

    std::vector<Pause> plan(const TimingJob& job) override {
        return start_at(job, job.arrival + carbon_time_wait(setting_, job.arrival, job.kind));
    }

   private:
    const TimingSetting setting_;
};

}  // namespace

std::unique_ptr<TimingPolicy> carbon_time_timing(const TimingSetting& setting) {
    return std::make_unique<CarbonTime>(setting);
}

}  // namespace dayu::sched
