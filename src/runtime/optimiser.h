// Beside the loop: now and then the optimum of all that waits (sched/optimise.h), found on a copy by a thread of its own.
// It comes back as two commands. What capacity is worth is published, when that is news: the journal is not
// filled with noise. And which jobs had better start elsewhere now is advice to the rounds (Loop::advise).
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "model/price_index.h"
#include "runtime/figures.h"
#include "runtime/loop.h"

namespace dayu::runtime {

// Of one process; any thread may ask for it.
struct OptimiserFigures {
    std::uint64_t runs = 0;
    std::uint64_t failures = 0;
    Distribution copy_seconds{second_bounds};  // on the control thread
    Distribution run_seconds{second_bounds};   // beside it
    PriceIndex newest;                         // published or not
    std::int64_t distance_ppm = 0;             // of its value from its bound
    std::int64_t classes_left_out = 0;
};

class Optimiser {
   public:
    // The loop must outlive it. `every` > 0; the first time is one `every` from now.
    Optimiser(Loop& loop, Duration every);

    OptimiserFigures figures() const;

   private:
    void run();
    void publish(PriceIndex prices);

    Loop& loop_;
    const Duration every_;
    Seq seen_;  // what the last run was made of
    mutable std::mutex mutex_;
    OptimiserFigures figures_;
    std::mutex sleep_;
    std::condition_variable_any wakes_;
    std::jthread thread_;  // last: it ends before the rest goes
};

// Whether `now` is worth an entry behind `last`, the newest that was published (one without rows: none).
bool is_news(const PriceIndex& last, const PriceIndex& now);

}  // namespace dayu::runtime
