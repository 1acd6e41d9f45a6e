// Jobs that may wait for clean power, replayed on unlimited capacity under a timing (sched/timing.h): experiment C of
// docs/results.md, on the trace and by the rules of GAIA.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "sched/timing.h"

namespace dayu::sim {

inline constexpr std::int64_t carbon_step_s = 5;
inline constexpr std::int64_t carbon_steps_an_hour = 3600 / carbon_step_s;

struct DeferrableJob {
    double arrival = 0;  // steps, not yet cut to whole ones
    double length = 0;
    double cpus = 1;
};

// Columns arrival_time, length (seconds), cpus.
Result<std::vector<DeferrableJob>> read_deferrable(const std::string& path);

// The column of that zone (g/kWh, one row an hour), from that row on.
Result<std::vector<double>> read_intensity(const std::string& path, const std::string& zone,
                                           std::int64_t from_hour);

// Short ones, under 2 h, wait at most 6 h, the others 24 h.
std::vector<sched::TimingKind> deferrable_kinds(const std::vector<DeferrableJob>& jobs);

struct DeferrableReport {
    double carbon = 0;       // (g/kWh)/1000/steps an hour, summed over steps and CPUs
    double carbon_now = 0;   // had nobody waited
    double wait_mean_h = 0;  // of finish - arrival - length
};

// invalid: a job may run on behind the end of the series.
Result<DeferrableReport> replay_deferrable(const std::vector<DeferrableJob>& jobs,
                                           const std::vector<sched::TimingKind>& kinds,
                                           const sched::IntensitySeries& series,
                                           sched::TimingPolicy& policy);

}  // namespace dayu::sim
