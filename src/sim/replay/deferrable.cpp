#include <algorithm>
#include <functional>
#include <queue>
#include <tuple>
#include <utility>

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

struct Run {
    std::int64_t end = 0;
    std::int64_t wait = 0;
    double carbon = 0;  // of one CPU, before carbon_unit
};

// Works `length` steps in whatever the pauses leave.
Run run_between(const std::vector<sched::Pause>& pauses, std::int64_t arrival, std::int64_t length,
                const sched::IntensitySeries& series) {
    Run run{.end = arrival, .wait = 0, .carbon = 0};
    const auto work_until = [&](std::int64_t step) {
        const std::int64_t steps = std::min(length, step - run.end);
        run.carbon += series.sum(run.end, run.end + steps);
        run.end += steps;
        length -= steps;
    };
    for (const sched::Pause& pause : pauses) {
        work_until(pause.from);
        if (length == 0) break;
        run.wait += pause.to - pause.from;
        run.end = pause.to;
    }
    work_until(run.end + length);
    return run;
}

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
    struct End {
        std::int64_t at;
        sched::TimingJob job;
        sched::TimingPolicy::Took took;
        bool operator>(const End& other) const {
            return std::tie(at, job.id) > std::tie(other.at, other.job.id);
        }
    };
    std::priority_queue<End, std::vector<End>, std::greater<>> running;
    std::vector<std::uint32_t> order(jobs.size());
    for (std::uint32_t id = 0; id < order.size(); ++id) order[id] = id;
    std::ranges::sort(order, {}, [&](std::uint32_t id) { return std::pair(jobs[id].arrival, id); });
    DeferrableReport report;
    double waits = 0;
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
        for (; !running.empty() && running.top().at <= job.arrival; running.pop())
            policy.finished(running.top().job, running.top().took);
        const Run run = run_between(policy.plan(job), job.arrival, length, series);
        running.push({run.end, job, {.length = length, .wait = run.wait}});
        report.carbon += job.cpus * carbon_unit * run.carbon;
        report.carbon_now += job.cpus * carbon_unit * series.sum(job.arrival, job.arrival + length);
        waits += static_cast<double>(run.wait);
    }
    if (!jobs.empty())
        report.wait_mean_h = waits / static_cast<double>(jobs.size()) / static_cast<double>(hour);
    return report;
}

}  // namespace dayu::sim
