// Who comes first over time, in one pool of equal chips: the order in which jobs are served, asked anew whenever
// one arrives, ends, or says that its place may have changed. Jobs that the order leaves out stop where they are
// and go on later; what a stop costs is stated by whoever asks.
//
// How long a job will take is hidden from a policy unless it declares itself an oracle: what finished jobs took,
// it may learn. One policy is one file in ordering/ and one line in ordering/registry.cpp.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dayu::sched {

inline constexpr std::int64_t never_s = std::numeric_limits<std::int64_t>::max();

struct OrderingJob {
    std::uint32_t place = 0;  // in order of arrival; it breaks ties
    std::uint32_t project = 0;
    std::int64_t chips = 1;
    std::int64_t arrival_s = 0;
    std::int64_t ran_s = 0;  // so far; what a stop made it do again is in it
    bool is_running = false;
    std::int64_t remaining_s = 0;  // 0 for those who may not know it
};

// Where a job stands: the smallest key first. It holds until then, or for a moment that is not after now: it
// glides while the job runs, and is asked for whenever anything happens.
struct LineStanding {
    double key = 0;
    std::int64_t until_s = never_s;
};

class OrderingPolicy {
   public:
    virtual ~OrderingPolicy() = default;

    virtual bool is_oracle() const { return false; }
    // Whether those behind a job that does not fit may take what is left. If not, they wait with it.
    virtual bool passes_over() const { return true; }

    // Told once of each job, in order of arrival, before its standing is asked for.
    virtual void arrived(const OrderingJob& /*job*/) {}

    virtual LineStanding standing(const OrderingJob& job, std::int64_t now_s) = 0;

    // It ran for ran_s in all. The places of those for whom it changed something, who are asked for anew.
    virtual std::vector<std::uint32_t> finished(const OrderingJob& /*job*/,
                                                std::int64_t /*now_s*/) {
        return {};
    }
};

// The world's rules that a policy may count on.
struct OrderingSetting {
    std::int64_t chips = 1;           // of the pool
    std::int64_t preempt_cost_s = 0;  // of work done again by a job that is stopped or moved
    std::int64_t longest_wait_s =
        60 * 86'400;  // who has waited so long goes first, if the policy bounds it
};

// The first is Dayu's own.
std::span<const std::string_view> ordering_policy_names();
Result<std::unique_ptr<OrderingPolicy>> make_ordering_policy(std::string_view name,
                                                             const OrderingSetting& setting);

}  // namespace dayu::sched
