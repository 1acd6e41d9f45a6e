// A trace replayed through the scheduler that serves live jobs: the same World, policies, OfferBook and decide(), fed
// as the server feeds them, under a clock that jumps from event to event. What runs is charged by the live core's own
// arithmetic (control/charge.h) from the offers that were taken.
//
// In one instant all ends come first, then all arrivals, then rounds until one leaves nothing undone. Placing, starting
// and reporting take no time here, and data lies where it is needed. A job that is stopped for another ends after its
// grace, waits again in its old rank, and starts over, or goes on from its checkpoint where the world says that jobs
// keep some. A run that was stopped is not billed, as live; its energy counts.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/time.h"
#include "sched/policy.h"
#include "sched/world.h"
#include "sim/trace.h"
#include "sim/world_file.h"

namespace dayu::sim {

struct RunSetting {
    const sched::Policy& policy;
    // 0: the trace as it is. Any other moves each arrival by chance, up to the world's arrival_jitter either way.
    std::uint64_t seed = 0;
    // Called after the rounds of each instant.
    std::function<void(const sched::World& world, Time now)> watch = {};
};

// Times from arrival; a wait is finish - arrival - duration. Quantiles are of those who finished, by nearest rank.
struct RunReport {
    std::int64_t jobs = 0;
    std::int64_t completed = 0;
    std::int64_t refused = 0;  // no pool could ever take them: they are left out
    double makespan_s = 0;     // from the first arrival to the last end
    double jct_mean_s = 0;
    double jct_p50_s = 0;
    double jct_p99_s = 0;
    double wait_mean_s = 0;
    double wait_p999_s = 0;
    double utilisation = 0;  // of the chips over the makespan; of the CPUs where no job has chips
    double cost_yuan = 0;
    double energy_kwh = 0;
    double carbon_kg = 0;
    std::int64_t preemptions = 0;
    std::int64_t events = 0;                   // arrivals, starts and ends
    double loop_s = 0;                         // of the machine, without reading the files
    std::vector<double> wait_percentiles_s{};  // 0 to 100: 101 of them, none where nobody finished
};

RunReport run(const WorldFile& world, const Trace& trace, const RunSetting& setting);

}  // namespace dayu::sim
