// How long a replay's jobs are thought to run, where its policy learns that (sched/run_times.h), and what that means for
// their turn. It knows what users asked for and what has ended so far, never what a trace says of the future.
#pragma once

#include "base/time.h"
#include "model/attempt.h"
#include "model/job.h"
#include "sched/run_times.h"
#include "sim/run.h"
#include "sim/trace.h"
#include "sim/world_file.h"

namespace dayu::sim {

class Foresight {
   public:
    Foresight(const WorldFile& world, const LearnedOrder& order) : world_(world), order_(order) {}

    // By how much later than it came the job is ranked. Never more than its time limit, times the patience.
    Duration handicap(const TraceJob& job, const JobSpec& spec, Time now) const;
    void start(const TraceJob& job, const JobSpec& spec, Time at);
    // Of the run that started then. One that was stopped or lost tells nothing.
    void end(const TraceJob& job, const JobSpec& spec, Time started, Time ended, EndCause cause);

   private:
    sched::Likeness likeness(const TraceJob& job, const JobSpec& spec) const;

    const WorldFile& world_;
    LearnedOrder order_;
    sched::RunTimes times_;
};

}  // namespace dayu::sim
