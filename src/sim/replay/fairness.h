// How evenly a replay treated its jobs and its projects.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace dayu::sim {

// One job that has finished.
struct Finished {
    double arrival_s = 0;
    double jct_s = 0;
    double duration_s = 0;
    double part = 0;  // of the world's chips, CPUs or memory, of whichever it took most: 0 to 1
    bool has_chips = false;  // those with and those without do not wait for each other
    std::uint32_t project = 0;
};

// Slowdowns and ratios of shorter times say nothing about a scheduler: such a time counts as this one (the bounded
// slowdown of Feitelson, "Metrics for Parallel Job Scheduling and Their Convergence", JSSPP 2001).
inline constexpr double shortest_s = 10;

double bounded_slowdown(const Finished& job);

// Finish-time fairness (Themis, NSDI 2020), in the order of `jobs`: what a job took over what it would have taken had
// its project had its part of the world for itself, `weights[project]` of the sum of all. There its jobs start in the
// order of their arrival, and one that is wider than the part runs as much slower. At most 1: sharing did it no harm.
std::vector<double> finish_time_ratios(std::span<const Finished> jobs,
                                       std::span<const double> weights);

// (sum x)^2 / (n sum x^2), Jain's index: 1 where all are alike, 1/n where one has all. 1 for none.
double jain_index(std::span<const double> values);

}  // namespace dayu::sim
