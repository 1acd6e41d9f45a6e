// How long jobs of a kind take, learned from those that ended. Those that still run count too, as having taken longer
// than they have so far (Kaplan and Meier's estimate): what has ended early is mostly short, and would mislead.
// Before anything has ended a few guesses between the kind's bounds stand in, and weigh less and less.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "sched/timing.h"

namespace dayu::sched {

class Lengths {
   public:
    explicit Lengths(const TimingKind& kind);

    void started(std::uint32_t job, std::int64_t step) { started_[job] = step; }
    void ended(std::uint32_t job, std::int64_t length);

    // Equally likely lengths, in order: the middles of equal parts of the distribution.
    std::vector<std::int64_t> equally_likely(std::int64_t now) const;

   private:
    struct Seen {
        std::int64_t length = 0;
        double weight = 1;
    };

    std::vector<Seen> guesses_;
    std::deque<std::int64_t> ended_;                 // the latest, in order of ends
    std::map<std::uint32_t, std::int64_t> started_;  // who runs, or will: from that step on
};

}  // namespace dayu::sched
