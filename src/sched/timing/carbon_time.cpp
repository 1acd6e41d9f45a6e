// Of the starts at arrival, an hour later, two hours later, ... within the wait, the one that saves the most carbon for
// each step of time to completion, for a job of the kind's mean length (GAIA's Carbon-Time). The earliest of
// equal ones; none whose window the series does not cover.
#include "sched/timing/policies.h"

namespace dayu::sched {

std::int64_t carbon_time_start(const IntensitySeries& series, std::int64_t arrival,
                               std::int64_t longest_wait, std::int64_t mean_length) {
    const double at_once = series.sum(arrival, arrival + mean_length);
    std::int64_t best = arrival;
    double most = 0;
    for (std::int64_t wait = series.steps_an_hour();
         wait <= longest_wait && arrival + wait + mean_length <= series.steps();
         wait += series.steps_an_hour()) {
        const double saved = at_once - series.sum(arrival + wait, arrival + wait + mean_length);
        const double score = saved / static_cast<double>(wait + mean_length);
        if (score > most) {
            best = arrival + wait;
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
        const TimingKind& kind = setting_.kinds[job.kind];
        return start_at(job, carbon_time_start(*setting_.series, job.arrival, kind.longest_wait,
                                               kind.mean_length));
    }

   private:
    const TimingSetting setting_;
};

}  // namespace

std::unique_ptr<TimingPolicy> carbon_time_timing(const TimingSetting& setting) {
    return std::make_unique<CarbonTime>(setting);
}

}  // namespace dayu::sched
