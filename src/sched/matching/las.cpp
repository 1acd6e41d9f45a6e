// Least attained service without a look at the chips: every job gets the same share of time for each chip
// it asks for, as large as can be, wherever that may be (Gavel's max-min policy, made blind to kinds).
#include "sched/matching/max_min.h"
#include "sched/matching/policies.h"

namespace dayu::sched::matching {
namespace {

Rates time_on_any_chip(const MatchingJob& job, std::size_t kinds) {
    Rates utility{};
    for (std::size_t kind = 0; kind < kinds; ++kind) utility[kind] = job.chips;
    return utility;
}

std::vector<Shares> equal_time(std::span<const MatchingJob> jobs,
                               std::span<const std::uint32_t> chips) {
    return max_min_shares(jobs, chips, time_on_any_chip);
}

}  // namespace

std::unique_ptr<MatchingPolicy> las_matching(const MatchingSetting& setting) {
    return std::make_unique<TimeShares>(
        setting, TimeSharesOptions{.rule = equal_time, .shuffles_kinds = true});
}

}  // namespace dayu::sched::matching
