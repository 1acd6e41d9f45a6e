// Max-min fair shares of time over unlike chips: the shares that make the utility of the worst-off job
// greatest.
//
//     max z   so that   sum_j u_gj X_gj >= z   for each group g of equal jobs
//                       sum_j X_gj <= 1,  sum_g n_g s_g X_gj <= chips_j,  X >= 0
//
// with n_g jobs of s_g chips in a group. Many X reach the greatest z. This returns about the analytic centre
// of them, as interior-point solvers do, and so what Gavel's authors get from theirs: along the central path
// of the logarithmic barrier (Boyd and Vandenberghe, Convex Optimization, 11.3) by Newton steps. The Hessian
// is one small block a group and a border for z and the chips, so that a step is linear in the groups.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "sched/matching/time_shares.h"

namespace dayu::sched::matching {

struct MaxMinGroup {
    double jobs = 1;   // n_g
    double chips = 1;  // s_g
    Rates utility{};   // u_gj of a whole share: not negative, at least one positive
};

// The shares of one job of each group.
std::vector<Shares> max_min_shares(std::span<const MaxMinGroup> groups,
                                   std::span<const std::uint32_t> chips);

// The shares of each job, where jobs of one shape are a group with this utility.
using Utility = Rates (*)(const MatchingJob& job, std::size_t kinds);
std::vector<Shares> max_min_shares(std::span<const MatchingJob> jobs,
                                   std::span<const std::uint32_t> chips, Utility utility);

}  // namespace dayu::sched::matching
