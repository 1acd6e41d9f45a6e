// Gavel's mechanism (OSDI 2020, section 5): a policy says which share of time each job should have on each
// kind of chip, and rounds approach those shares by giving each kind to the jobs that are furthest behind.
//
// Shares are computed anew at a round's begin when a job came or went, at most every 1,920 s; the details
// are those of the authors' simulator. One of them costs: a job that has come since is given chips by turn
// like the others, but does not run before it has a share.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <unordered_map>
#include <vector>

#include "sched/matching.h"

namespace dayu::sched::matching {

// Of time, by kind of chip; each job's add up to at most 1.
using Shares = std::array<double, max_chip_kinds>;

// Shares for `jobs`, in their order.
using ShareRule = std::vector<Shares> (*)(std::span<const MatchingJob> jobs,
                                          std::span<const std::uint32_t> chips);

struct TimeSharesOptions {
    ShareRule rule = nullptr;
    bool shuffles_kinds = false;  // else kinds are served in their order
    bool serves_share_holders_only =
        false;  // else chips left over go to jobs without a share there
};

class TimeShares final : public MatchingPolicy {
   public:
    TimeShares(const MatchingSetting& setting, const TimeSharesOptions& options);

    std::vector<Match> choose(double now_s, std::span<const MatchingJob> jobs) override;
    void finished(const MatchingJob& job) override;

   private:
    struct Account {
        bool has_share = false;
        Shares share{};
        Shares ran_s{};      // since shares were computed
        Shares deficit_s{};  // what it should have run, and did not, before that
    };
    struct Candidate {
        std::uint32_t job;
        double priority, deficit_s, share;
    };

    void take_note(std::span<const MatchingJob> jobs);
    void compute_shares(double now_s, std::span<const MatchingJob> jobs);
    std::vector<Candidate> ranking(std::size_t kind, std::span<const MatchingJob> jobs) const;
    void credit(const MatchingJob& job);

    const MatchingSetting setting_;
    const TimeSharesOptions options_;
    std::mt19937_64 lots_;
    std::vector<std::size_t> kinds_;
    std::unordered_map<std::uint32_t, Account> accounts_;  // by id of the job
    bool has_changed_ = false;  // jobs came or went since shares were computed
    double computed_s_ = -1;    // when; before: never
};

}  // namespace dayu::sched::matching
