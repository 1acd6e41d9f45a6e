// First come, first served: in the order of arrival each job gets the kind of chip on which it is fastest
// among those with room. One for which there is no room waits, and does not hold up those behind it.
#include "sched/matching/policies.h"
#include "sched/matching/time_shares.h"

namespace dayu::sched::matching {
namespace {

std::size_t fastest(const MatchingJob& job, std::span<const std::uint32_t> free) {
    std::size_t best = no_kind;
    for (std::size_t kind = 0; kind < free.size(); ++kind) {
        const bool fits = free[kind] >= job.chips && job.rates[kind] > 0;
        if (fits && (best == no_kind || job.rates[kind] > job.rates[best])) best = kind;
    }
    return best;
}

std::vector<Shares> in_order(std::span<const MatchingJob> jobs,
                             std::span<const std::uint32_t> chips) {
    std::vector<Shares> shares(jobs.size());
    std::vector<std::uint32_t> free(chips.begin(), chips.end());
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        const std::size_t kind = fastest(jobs[i], free);
        if (kind == no_kind) continue;
        free[kind] -= jobs[i].chips;
        shares[i][kind] = 1;
    }
    return shares;
}

}  // namespace

std::unique_ptr<MatchingPolicy> fifo_matching(const MatchingSetting& setting) {
    return std::make_unique<TimeShares>(
        setting, TimeSharesOptions{.rule = in_order, .serves_share_holders_only = true});
}

}  // namespace dayu::sched::matching
