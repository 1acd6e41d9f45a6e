// How long jobs are thought to run, learned from those that ran (sched/run_times.h), and what that means for their turn.
// It knows what users asked for and what has ended so far, and is told of runs by whoever sees them: the live server, or a
// replay.
#pragma once

#include <string_view>

#include "base/time.h"
#include "model/attempt.h"
#include "model/job.h"
#include "sched/run_times.h"

namespace dayu::sched {

// Jobs are ranked by when they came and how long they are thought to run: as if each had come later by so much. Short ones
// pass long ones, and only those that came no later behind them than that: nobody waits behind what came `patience` times
// its time limit after it, except what delays it by nothing.
struct LearnedOrder {
    double patience = 1;
    // So that this share of jobs like it is shorter. A median would take what is short for the most part, and long at
    // times, for short.
    double quantile = 0.9;
};

// What the spec tells; user, project and name are left to the caller. Of one with variants the first stands for all.
Likeness likeness_of(const JobSpec& spec);
// A name as a number: equal ones have equal numbers, and none is 0.
std::uint32_t number_of(std::string_view name);

class Foresight {
   public:
    explicit Foresight(const LearnedOrder& order) : order_(order) {}

    // By how much later than it came the job is ranked. Never more than its time limit, times the patience.
    Duration handicap(const Likeness& job, Time now) const;
    void start(const Likeness& job, Time at);
    // Of the run that started then, as start() was told. One that others ended tells nothing: how long it would have gone on
    // is not known.
    void end(const Likeness& job, Time started, Time ended, EndCause cause);
    void forget(const Likeness& job, Time started);

   private:
    LearnedOrder order_;
    RunTimes times_;
};

}  // namespace dayu::sched
