// A stream of training jobs on unlike chips, replayed under a policy that matches them (sched/matching.h):
// experiment B of docs/results.md, by the rules of Gavel's authors (OSDI 2020), with the speeds that they
// measured. A replay to job 5,000 takes a second or two.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sched/matching.h"

namespace dayu::sim {

inline constexpr std::size_t max_throughput_bytes = std::size_t{64} << 20;

// Jobs first .. last-1, by arrival, are measured; the replay ends with the last of them.
struct GavelWindow {
    std::uint32_t first = 4000;
    std::uint32_t last = 5000;
};

struct GavelFigures {
    std::uint32_t completed = 0;  // of the window
    double jct_mean_h = 0, jct_p50_h = 0, jct_p99_h = 0, jct_max_h = 0;
    // Finish-time fairness (Themis, NSDI 2020): the time that a job took over the time that it would have
    // taken with an equal part of every kind of chip to itself. Above 1, it was treated unfairly.
    double finish_ratio_mean = 0, finish_ratio_p99 = 0, finish_ratio_max = 0;
    double unfair_pct = 0;   // of the jobs: those above 1
    double makespan_h = 0;   // from the first arrival to the end of the replay
    double utilisation = 0;  // chip time given to jobs over all chip time
    std::uint64_t rounds = 0;
    std::uint64_t switches = 0;  // a job went on on another kind of chip
    double unfinished_mean = 0;  // unfinished at a time
};

struct GavelSetting {
    std::string policy;  // of sched::matching_policy_names()
    double jobs_per_h = 1;
    bool has_gangs = false;    // of 1, 2, 4 and 8 chips; else all jobs ask for one
    bool may_share = false;    // two jobs on the same chips, where the pair was measured
    double switch_cost_s = 0;  // lost by a job that goes on on another kind of chip
    std::uint64_t seed = 0;
    GavelWindow window{};
};

// `throughputs` is the text of a table as published: see traces/throughputs.h.
Result<GavelFigures> run_gavel(std::string_view throughputs, const GavelSetting& setting);

}  // namespace dayu::sim
