// A trace replayed through the scheduler that serves live jobs: the same World, policies, OfferBook and decide(), fed
// as the server feeds them, under a clock that jumps from event to event. What runs is charged by the live core's own
// arithmetic (control/charge.h) from the offers that were taken.
//
// In one instant all ends come first, then what changes in the world by itself, then all arrivals, then rounds until one
// leaves nothing undone. Placing, starting and reporting take no time here; data is brought over the link of the centre.
// A job that is stopped for another ends after its grace, waits again in its old rank, and starts over, or goes on from
// its checkpoint where the world says that jobs keep some. One whose node is lost ends at once. A run that was stopped or
// lost is not billed, as live; its energy counts.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "sched/line.h"
#include "sched/policy.h"
#include "sched/world.h"
#include "sim/trace.h"
#include "sim/world_file.h"

namespace dayu::sim {

struct RunSetting {
    const sched::Policy& policy;
    // Who is served when. None: by decide(), as live. With a rule, all wait in one line, and the policy chooses places.
    const sched::LineRule* line = nullptr;
    // 0: the trace as it is. Any other moves each arrival by chance, up to the world's arrival_jitter either way.
    std::uint64_t seed = 0;
    // Called after the rounds of each instant.
    std::function<void(const sched::World& world, Time now)> watch = {};
};

// Of the jobs that arrived after the world's warm-up. Times are from arrival; a wait is finish - arrival - duration.
// Quantiles are of those who finished, by nearest rank.
struct RunReport {
    std::int64_t jobs = 0;
    std::int64_t completed = 0;
    std::int64_t refused = 0;  // no pool could ever take them: they are left out
    double makespan_s = 0;     // from the first arrival to the last end
    double jct_mean_s = 0, jct_p50_s = 0, jct_p90_s = 0, jct_p99_s = 0;
    double wait_mean_s = 0, wait_p50_s = 0, wait_p90_s = 0, wait_p99_s = 0, wait_p999_s = 0;
    // Bounded slowdown: JCT over duration, where ten seconds are the least of both.
    double slowdown_mean = 0, slowdown_p50 = 0, slowdown_p90 = 0, slowdown_p99 = 0;
    double utilisation = 0;    // of the chips over the makespan; of the CPUs where no job has chips
    double fragmentation = 0;  // of what was idle, what the jobs of the trace could not use
    // Finish-time ratios (replay/fairness.h), and how many of 100 jobs have one above 1.
    double finish_ratio_mean = 0, finish_ratio_p99 = 0, finish_ratio_worst = 0, unfair_pct = 0;
    double jain_index = 1;  // over projects, of the mean slowdown of each
    double cost_yuan = 0;
    double energy_kwh = 0;
    double carbon_kg = 0;
    double data_moved_gib = 0;
    std::int64_t preemptions = 0;  // runs that were stopped, for others or as nodes were lent away
    std::int64_t lost_runs = 0;    // with their nodes
    std::int64_t given_up = 0;     // jobs that were lost too often
    std::int64_t deadline_misses = 0;
    std::int64_t events = 0;  // arrivals, starts and ends, those of the warm-up too
    double loop_s = 0;        // of the machine, without reading the files
    std::vector<double> wait_percentiles_s{};  // 0 to 100: 101 of them, none where nobody finished
};

RunReport run(const WorldFile& world, const Trace& trace, const RunSetting& setting);

}  // namespace dayu::sim
