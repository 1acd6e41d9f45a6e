// How long jobs of a kind work, learned from those that ended. Those that have not count too, as
// working longer than they have so far (censored observations): what has ended early is mostly
// short, and would mislead. What was believed before anything ended stands in at first, and weighs
// less and less.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "sched/timing.h"

namespace dayu::sched {

// How many jobs work longer than so much, as a part of all. On the line from one mark to the next;
// behind the last mark nobody is known to end.
class SurvivalCurve {
   public:
    // alive[i]: after i times `mark` steps.
    SurvivalCurve(std::vector<double> alive, std::int64_t mark);

    double after(std::int64_t worked) const;
    // Steps that a job is expected to work between these two, of all that ever began.
    double work_between(std::int64_t from, std::int64_t to) const {
        return work_until(to) - work_until(from);
    }

   private:
    double work_until(std::int64_t worked) const;

    std::vector<double> alive_;
    std::vector<double> work_;  // until each mark
    std::int64_t mark_;
};

class Lengths {
   public:
    Lengths(const TimingKind& kind, const LengthPrior& prior, std::int64_t steps_an_hour);

    // It is still there after so much work.
    void works(std::uint32_t job, std::int64_t worked) { working_[job] = worked; }
    void ended(std::uint32_t job, std::int64_t length);

    SurvivalCurve curve() const;

   private:
    std::size_t mark_at_or_before(std::int64_t worked) const;

    std::int64_t mark_;
    std::vector<double> prior_;                      // alive at each mark, times its weight
    std::deque<std::int64_t> ended_;                 // the latest, in order of ends
    std::map<std::uint32_t, std::int64_t> working_;  // what those who are there have worked
};

}  // namespace dayu::sched
