// How long live jobs are thought to run (sched/foresight.h), where the server's policy ranks them by that. What comes of it
// is an event: a job keeps the handicap that it was accepted with. What it was learned from is kept in memory alone, and
// learned again from the jobs of the store when the server starts.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "control/command.h"
#include "control/event.h"
#include "control/state.h"
#include "journal/store.h"
#include "sched/foresight.h"

namespace dayu::runtime {

class LiveForesight {
   public:
    // The latest so many jobs that ended are learned from when the server starts.
    static constexpr std::size_t most_recalled = 20'000;

    explicit LiveForesight(const sched::LearnedOrder& order) : foresight_(order) {}

    // From what ended and what runs; once, before all else.
    Result<void> recall(const journal::Store& store, const control::State& state);
    // Of every event, on the State after its batch.
    void follow(const control::RecordedEvent& recorded, const control::State& after);

    Duration handicap(const control::SubmitJob& command, const control::Actor& actor,
                      Time now) const;

   private:
    struct Run {
        sched::Likeness job;
        Time since;  // its start; its placement, until that is told
    };

    void begin(JobId id, const control::State& state, Time since);
    void began(JobId job, Time started);
    void end(JobId job, const Ending& ending);

    sched::Foresight foresight_;
    std::map<JobId, Run> runs_;
};

}  // namespace dayu::runtime
