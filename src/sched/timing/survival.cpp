// Dayu's own timing. Each hour weighs by the chance that the job still runs in it, as learned from
// those that ended; a price of waiting decides how long a cleaner hour is waited for
// (wait_price.h). Where it is allowed, the job pauses too.
//
// Plans are made again every hour, with what ended since and with what the job has worked by then:
// the first jobs of all are planned by what was believed before any of them ended, and the long
// ones among them, which emit most, outlive that.
//
// No job waits more than its share (what carbon-time would make it wait) and what those before it
// have left over of theirs: whatever the jobs, at no time have they waited longer in all than
// carbon-time would have made those that came wait, with pauses and without (wait_budget.h).
#include <algorithm>
#include <utility>

#include "sched/timing/lengths.h"
#include "sched/timing/outlook.h"
#include "sched/timing/policies.h"
#include "sched/timing/wait_budget.h"
#include "sched/timing/wait_price.h"

namespace dayu::sched {
namespace {

constexpr std::int64_t slots_an_hour = 4;  // a job runs or waits for that long

class Survival : public TimingPolicy {
   public:
    explicit Survival(const TimingSetting& setting)
        : setting_(setting), hour_(setting.series->steps_an_hour()), price_(setting) {
        for (const TimingKind& kind : setting_.kinds)
            lengths_.emplace_back(kind, setting_.prior, hour_);
    }

    std::vector<Pause> plan(const TimingJob& job) override {
        price_.arrived(job);
        budget_.allow(carbon_time_wait(setting_, job.arrival, job.kind));
        return plan_from(job, {.now = job.arrival});
    }

    std::int64_t asked_again_after() const override { return hour_; }

    std::vector<Pause> plan_again(const TimingJob& job, const SoFar& so_far) override {
        if (setting_.may_pause || so_far.worked == 0) return plan_from(job, so_far);
        lengths_[job.kind].works(job.id, so_far.worked);
        return {};
    }

    void finished(const TimingJob& job, const Took& took) override {
        budget_.ended(job.id, took.wait);
        lengths_[job.kind].ended(job.id, took.length);
    }

   private:
    std::vector<Pause> plan_from(const TimingJob& job, const SoFar& so_far);
    void learn(std::int64_t now);
    std::int64_t set_aside_for(const Outlook& outlook, std::int64_t now) const;

    const TimingSetting setting_;
    const std::int64_t hour_;
    std::vector<Lengths> lengths_;  // of each kind
    std::vector<SurvivalCurve> curves_;
    std::int64_t learn_again_at_ = 0;
    WaitPrice price_;
    WaitBudget budget_;
};

std::vector<Pause> Survival::plan_from(const TimingJob& job, const SoFar& so_far) {
    lengths_[job.kind].works(job.id, so_far.worked);
    budget_.book(job.id, {.waited = so_far.waited});
    learn(so_far.now);
    const std::int64_t longest_wait =
        std::clamp<std::int64_t>(setting_.kinds[job.kind].longest_wait - so_far.waited, 0,
                                 std::max<std::int64_t>(budget_.free(), 0));
    const OutlookQuestion question{.series = *setting_.series,
                                   .lengths = curves_[job.kind],
                                   .now = so_far.now,
                                   .worked = so_far.worked,
                                   .longest_wait = longest_wait,
                                   .slot = std::max<std::int64_t>(hour_ / slots_an_hour, 1),
                                   .may_pause = setting_.may_pause};
    const double price = price_.at(budget_.spare(), budget_.jobs_there());
    const Outlook outlook = best_plans(question, {price / job.cpus}).front();
    budget_.book(job.id, {.waited = so_far.waited,
                          .set_aside = set_aside_for(outlook, so_far.now),
                          .expected = outlook.wait});
    return outlook.pauses;
}

// Once an hour, for all jobs.
void Survival::learn(std::int64_t now) {
    if (now < learn_again_at_) return;
    learn_again_at_ = now + hour_;
    curves_.clear();
    for (const Lengths& lengths : lengths_) curves_.push_back(lengths.curve());
    price_.look_ahead(now, curves_);
}

// What it waits until it is asked again. All of it where it only waits for its start: starting
// earlier in a dirty hour, for want of what others took, would have waited for nothing.
std::int64_t Survival::set_aside_for(const Outlook& outlook, std::int64_t now) const {
    std::int64_t sum = 0;
    for (const Pause& pause : outlook.pauses) {
        const std::int64_t to = setting_.may_pause ? std::min(pause.to, now + hour_) : pause.to;
        sum += std::max<std::int64_t>(to - pause.from, 0);
    }
    return sum;
}

}  // namespace

std::unique_ptr<TimingPolicy> survival_timing(const TimingSetting& setting) {
    return std::make_unique<Survival>(setting);
}

}  // namespace dayu::sched
