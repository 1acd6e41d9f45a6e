// Which jobs run on which kind of chip until the next round, where kinds are unlike: a job may be ten times
// as fast on one as on another, and its neighbour hardly at all. A policy sees how fast each job is on each
// kind and what it had so far. How much is left it never sees; what finished jobs took, it may learn.
//
// One policy is one file in matching/ and one line in matching/registry.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dayu::sched {

inline constexpr std::size_t max_chip_kinds = 8;
inline constexpr std::size_t no_kind = max_chip_kinds;
inline constexpr std::uint32_t alone = std::numeric_limits<std::uint32_t>::max();

// Progress a second by kind of chip, in units of the job's own (steps of training); 0: it cannot run there.
using Rates = std::array<double, max_chip_kinds>;

struct MatchingJob {
    std::uint32_t id = 0;        // in order of arrival
    std::uint32_t shape = 0;     // jobs of one shape have equal rates and chips
    std::uint32_t chips = 1;     // more than one: a gang, all of one kind at one time
    Rates rates{};               // of the whole gang
    double progress = 0;         // so far
    std::size_t kind = no_kind;  // where it ran last; no_kind: it never ran
    bool is_running = false;     // in the round that ends now
    double ran_s = 0;            // in that round
};

// How fast a job is while it shares its chips with one other, as measured. 0: never measured.
class PairRates {
   public:
    PairRates() = default;
    PairRates(std::size_t kinds, std::size_t shapes)
        : shapes_(shapes), rates_(kinds * shapes * shapes) {}

    double rate(std::size_t kind, std::uint32_t shape, std::uint32_t beside) const {
        return rates_[(kind * shapes_ + shape) * shapes_ + beside];
    }
    void set(std::size_t kind, std::uint32_t shape, std::uint32_t beside, double rate) {
        rates_[(kind * shapes_ + shape) * shapes_ + beside] = rate;
    }

   private:
    std::size_t shapes_ = 0;
    std::vector<double> rates_;
};

struct MatchingSetting {
    std::vector<std::uint32_t> chips;  // of each kind
    double round_s = 360;
    double switch_cost_s = 0;          // lost by a job whose kind of chip changes
    const PairRates* pairs = nullptr;  // null: no sharing. Outlives the policy
    std::uint64_t seed = 0;            // for policies that draw lots
};

// A job (a position in what choose() was given) runs on that kind until the next round. Of two that share,
// each names the other.
struct Match {
    std::uint32_t job = 0;
    std::size_t kind = 0;
    std::uint32_t beside = alone;
};

class MatchingPolicy {
   public:
    virtual ~MatchingPolicy() = default;

    // All jobs that have arrived and not finished, by id.
    virtual std::vector<Match> choose(double now_s, std::span<const MatchingJob> jobs) = 0;
    // It will not be seen again; its progress is now what it took in all.
    virtual void finished(const MatchingJob& job) = 0;
};

// The first is Dayu's own.
std::span<const std::string_view> matching_policy_names();
// invalid: there is none of that name, or it cannot share chips and the setting says so.
Result<std::unique_ptr<MatchingPolicy>> make_matching_policy(std::string_view name,
                                                             const MatchingSetting& setting);

}  // namespace dayu::sched
