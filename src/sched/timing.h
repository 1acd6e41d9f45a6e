// When a job that may wait should run, on power whose carbon is known ahead: it starts now, or in
// cleaner hours, or pauses in dirty ones. How long a job will take is not known. Each kind of job
// (short ones, long ones) has a longest wait; what jobs of the kind took can be learned as they
// end.
//
// Whoever runs the jobs asks for a plan when one arrives, follows it, asks again while the job
// lasts as often as the policy wants (the new plan takes the place of the old), and tells when it
// has ended. A replay and a live host do the same.
//
// Time counts in steps of equal length from the first of the series. One policy is one file in
// timing/ and one line in timing/registry.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dayu::sched {

// Carbon intensity, the same within each hour. What lies behind its end is as its last hour.
class IntensitySeries {
   public:
    IntensitySeries(std::vector<double> hourly, std::int64_t steps_an_hour);

    std::int64_t steps_an_hour() const { return steps_an_hour_; }
    std::int64_t steps() const {
        return static_cast<std::int64_t>(hourly_.size()) * steps_an_hour_;
    }
    double at(std::int64_t step) const { return hourly_[hour_of(step)]; }
    // Over the steps from <= step < to.
    double sum(std::int64_t from, std::int64_t to) const { return before(to) - before(from); }

   private:
    std::size_t hour_of(std::int64_t step) const;
    double before(std::int64_t step) const;

    std::vector<double> hourly_;
    std::vector<double> before_hour_;  // sum over the steps before each hour
    std::int64_t steps_an_hour_;
};

// Jobs that wait alike.
struct TimingKind {
    std::int64_t longest_wait = 0;  // steps
    std::int64_t mean_length = 0;   // of all jobs of the kind, for the published policies
    std::int64_t shortest = 0;      // no job of the kind takes less, and none takes `below` or more
    std::int64_t below = 0;         // 0: no bound
};

struct TimingJob {
    std::uint32_t id = 0;
    std::int64_t arrival = 0;
    std::size_t kind = 0;
    double cpus = 1;
};

// It does not run from <= step < to. The first may begin at the arrival: it starts later.
struct Pause {
    std::int64_t from = 0;
    std::int64_t to = 0;

    bool operator==(const Pause&) const = default;
};

class TimingPolicy {
   public:
    virtual ~TimingPolicy() = default;

    // When it pauses, in order, for as long as it may last; in all no longer than the kind's
    // longest wait. Asked at its arrival.
    virtual std::vector<Pause> plan(const TimingJob& job) = 0;

    // Asked again so many steps after it was asked last, while the job lasts. 0: never.
    virtual std::int64_t asked_again_after() const { return 0; }
    struct SoFar {
        std::int64_t now = 0;
        std::int64_t worked = 0;
        std::int64_t waited = 0;
    };
    // The pauses from now on, in place of those that were planned before.
    virtual std::vector<Pause> plan_again(const TimingJob& /*job*/, const SoFar& /*so_far*/) {
        return {};
    }

    // It ran for so many steps, and was paused for so many. Told in order of ends, before any later
    // plan.
    struct Took {
        std::int64_t length = 0;
        std::int64_t wait = 0;
    };
    virtual void finished(const TimingJob& /*job*/, const Took& /*took*/) {}
};

// What is believed of lengths before any job has ended: a log-normal distribution, cut to the
// kind's bounds. As it stands, that of the 82,247 jobs of Microsoft's Philly cluster (2017): e to
// the mean of the logs is 0.247 h, and their standard deviation 2.16. A cluster with records of its
// own should say its own.
struct LengthPrior {
    double median_h = 0.25;
    double log_sd = 2.16;
    double weighs = 6;  // as much as so many jobs of each kind that ended
};

struct TimingSetting {
    const IntensitySeries* series = nullptr;  // outlives the policy
    std::vector<TimingKind> kinds;
    bool may_pause = false;
    LengthPrior prior = {};
};

// The first is Dayu's own.
std::span<const std::string_view> timing_policy_names();
// invalid: there is none of that name, or it would have to pause and cannot.
Result<std::unique_ptr<TimingPolicy>> make_timing_policy(std::string_view name,
                                                         const TimingSetting& setting);

}  // namespace dayu::sched
