// What the control thread counts about its own work, for whoever watches the server. These are
// observations of one process: they begin at nothing with each start, and nothing is decided by them.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "model/attempt.h"
#include "model/ids.h"
#include "model/job.h"

namespace dayu::runtime {

// How often a value fell at or below each of some bounds; the last count is of those above them all.
class Distribution {
   public:
    explicit Distribution(std::span<const double> bounds)
        : bounds_(bounds.begin(), bounds.end()), counts_(bounds.size() + 1) {}

    void add(double value) {
        const auto at = std::ranges::lower_bound(bounds_, value);
        ++counts_[static_cast<std::size_t>(at - bounds_.begin())];
        sum_ += value;
    }

    std::span<const double> bounds() const { return bounds_; }
    std::span<const std::uint64_t> counts() const { return counts_; }
    double sum() const { return sum_; }

   private:
    std::vector<double> bounds_;
    std::vector<std::uint64_t> counts_;
    double sum_ = 0;
};

inline constexpr std::array entry_bounds = {1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1e3, 3e3, 1e4, 3e4};
inline constexpr std::array second_bounds = {0.0001, 0.0003, 0.001, 0.003, 0.01,
                                             0.03,   0.1,    0.3,   1.0,   3.0};

struct Figures {
    std::map<std::string_view, std::uint64_t> entries;  // by type
    std::map<JobState, std::uint64_t> jobs_ended;
    std::map<EndCause, std::uint64_t> attempts_ended;
    Money billed;
    std::int64_t energy_mwh = 0;
    std::int64_t carbon_mg = 0;
    Distribution commit_entries{entry_bounds};   // of one group commit
    Distribution append_seconds{second_bounds};  // until it was durable
    Distribution round_seconds{second_bounds};
    std::uint64_t advised_starts = 0;  // of jobs, that the optimum advised and a round followed
    std::uint64_t stale_starts = 0;    // that did not hold any more
    std::uint64_t failed_appends = 0;
};

// Of the loop around the core; any thread may ask for it.
struct LoopFigures {
    std::size_t queued = 0;
    std::uint64_t snapshots = 0;
    std::uint64_t failed_snapshots = 0;
    Seq snapshot;  // the newest of this process; 0: none yet
    std::int64_t snapshot_ms = 0;
};

}  // namespace dayu::runtime
