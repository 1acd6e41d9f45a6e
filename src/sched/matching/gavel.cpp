// Gavel (OSDI 2020), its max-min policy: every job makes the same progress, as much as can be, measured by
// what it would make with an equal part of its time on each kind of chip.
#include "sched/matching/max_min.h"
#include "sched/matching/policies.h"

namespace dayu::sched::matching {
namespace {

Rates progress(const MatchingJob& job, std::size_t kinds) {
    double mean = 0;
    for (std::size_t kind = 0; kind < kinds; ++kind)
        mean += job.rates[kind] / static_cast<double>(kinds);
    Rates utility{};
    for (std::size_t kind = 0; kind < kinds; ++kind)
        utility[kind] = job.chips * job.rates[kind] / mean;
    return utility;
}

std::vector<Shares> equal_progress(std::span<const MatchingJob> jobs,
                                   std::span<const std::uint32_t> chips) {
    return max_min_shares(jobs, chips, progress);
}

}  // namespace

std::unique_ptr<MatchingPolicy> gavel_matching(const MatchingSetting& setting) {
    return std::make_unique<TimeShares>(setting, TimeSharesOptions{.rule = equal_progress});
}

}  // namespace dayu::sched::matching
