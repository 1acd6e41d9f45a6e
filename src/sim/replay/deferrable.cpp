#include <algorithm>
#include <limits>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "sim/carbon.h"

namespace dayu::sim {
namespace {

constexpr std::int64_t hour = carbon_steps_an_hour;
constexpr std::int64_t long_from = 2 * hour;
constexpr std::int64_t short_waits = 6 * hour;
constexpr std::int64_t long_waits = 24 * hour;

// Of a step and a CPU, with an intensity of 1 g/kWh.
constexpr double carbon_unit = 1.0 / 1000 / hour;

// A job from its arrival on.
struct Running {
    sched::TimingJob job;
    std::int64_t left = 0;  // work
    std::vector<sched::Pause> pauses;
    sched::TimingPolicy::SoFar so_far;
    double carbon = 0;  // of one CPU, before carbon_unit
};

// Works in whatever the pauses leave, until that step or its end.
void advance(Running& running, std::int64_t until, const sched::IntensitySeries& series) {
    auto& [now, worked, waited] = running.so_far;
    const auto work_until = [&](std::int64_t step) {
        const std::int64_t steps = std::min(running.left, step - now);
        running.carbon += series.sum(now, now + steps);
        running.left -= steps;
        worked += steps;
        now += steps;
    };
    for (const sched::Pause& pause : running.pauses) {
        if (pause.to <= now) continue;
        if (pause.from > now) work_until(std::min(pause.from, until));
        if (running.left == 0 || now == until) return;
        const std::int64_t to = std::min(pause.to, until);
        waited += to - now;
        now = to;
    }
    work_until(until);
}

// If nobody plans again.
std::int64_t end_of(const Running& running) {
    std::int64_t end = running.so_far.now + running.left;
    for (const sched::Pause& pause : running.pauses) {
        const std::int64_t from = std::max(pause.from, running.so_far.now);
        if (from >= end) break;
        end += std::max<std::int64_t>(pause.to - from, 0);
    }
    return end;
}

class Replay {
   public:
    Replay(const sched::IntensitySeries& series, sched::TimingPolicy& policy)
        : series_(series), policy_(policy) {}

    void arrive(const sched::TimingJob& job, std::int64_t length) {
        go_on_until(job.arrival);
        report_.carbon_now +=
            job.cpus * carbon_unit * series_.sum(job.arrival, job.arrival + length);
        follow({.job = job,
                .left = length,
                .pauses = policy_.plan(job),
                .so_far = {.now = job.arrival},
                .carbon = 0});
    }

    DeferrableReport end() {
        go_on_until(std::numeric_limits<std::int64_t>::max());
        if (ended_ > 0)
            report_.wait_mean_h = waits_ / static_cast<double>(ended_) / static_cast<double>(hour);
        return report_;
    }

   private:
    // Ends come before plans, of all in one instant.
    struct Next {
        std::int64_t at = 0;
        bool ends = false;
        std::uint32_t job = 0;
        bool operator<(const Next& other) const {
            return std::tuple(at, !ends, job) < std::tuple(other.at, !other.ends, other.job);
        }
    };

    void follow(Running running) {
        const std::int64_t end = end_of(running);
        const std::int64_t again = policy_.asked_again_after();
        const bool ends = again == 0 || end <= running.so_far.now + again;
        const Next next{ends ? end : running.so_far.now + again, ends, running.job.id};
        running_.emplace(next, std::move(running));
    }

    void go_on_until(std::int64_t step) {
        while (!running_.empty() && running_.begin()->first.at <= step) {
            auto [next, running] = *running_.begin();
            running_.erase(running_.begin());
            advance(running, next.at, series_);
            if (next.ends) {
                finish(running);
                continue;
            }
            running.pauses = policy_.plan_again(running.job, running.so_far);
            follow(std::move(running));
        }
    }

    void finish(const Running& running) {
        const auto& [now, worked, waited] = running.so_far;
        policy_.finished(running.job, {.length = worked, .wait = waited});
        report_.carbon += running.job.cpus * carbon_unit * running.carbon;
        waits_ += static_cast<double>(waited);
        ++ended_;
    }

    const sched::IntensitySeries& series_;
    sched::TimingPolicy& policy_;
    std::map<Next, Running> running_;
    DeferrableReport report_;
    double waits_ = 0;
    std::size_t ended_ = 0;
};

}  // namespace

std::vector<sched::TimingKind> deferrable_kinds(const std::vector<DeferrableJob>& jobs) {
    // Of lengths that have not been cut, and a job of just two hours counts in both.
    const auto mean = [&](auto belongs) {
        double sum = 0, count = 0;
        for (const DeferrableJob& job : jobs) {
            if (!belongs(job.length)) continue;
            sum += job.length;
            ++count;
        }
        return count == 0 ? std::int64_t{0} : static_cast<std::int64_t>(sum / count);
    };
    return {{.longest_wait = short_waits,
             .mean_length = mean([](double length) { return length <= long_from; }),
             .shortest = 0,
             .below = long_from},
            {.longest_wait = long_waits,
             .mean_length = mean([](double length) { return length >= long_from; }),
             .shortest = long_from,
             .below = 0}};
}

Result<DeferrableReport> replay_deferrable(const std::vector<DeferrableJob>& jobs,
                                           const std::vector<sched::TimingKind>& kinds,
                                           const sched::IntensitySeries& series,
                                           sched::TimingPolicy& policy) {
    std::vector<std::uint32_t> order(jobs.size());
    for (std::uint32_t id = 0; id < order.size(); ++id) order[id] = id;
    std::ranges::sort(order, {}, [&](std::uint32_t id) { return std::pair(jobs[id].arrival, id); });
    Replay replay(series, policy);
    for (const std::uint32_t id : order) {
        const auto length = static_cast<std::int64_t>(jobs[id].length);
        const sched::TimingJob job{.id = id,
                                   .arrival = static_cast<std::int64_t>(jobs[id].arrival),
                                   .kind = length < long_from ? 0U : 1U,
                                   .cpus = jobs[id].cpus};
        if (job.arrival + length + kinds[job.kind].longest_wait > series.steps()) {
            return invalid("series_too_short",
                           fmt::format("a job that arrives at {} h and takes {} h may run on "
                                       "behind the last hour, {}; begin earlier",
                                       job.arrival / hour, length / hour, series.steps() / hour));
        }
        replay.arrive(job, length);
    }
    return replay.end();
}

}  // namespace dayu::sim
