// Rows of the lists, brought up to date by events. What an event means to a row stands here and nowhere
// else; the store only keeps rows. An event that changes no row needs no line here.
#pragma once

#include <map>
#include <span>

#include "base/result.h"
#include "control/event.h"
#include "control/state.h"
#include "journal/store.h"

namespace dayu::journal {

class Projection {
   public:
    // `before` holds the rows as they were, `after` is the State that followed all of the events.
    Projection(const Store& before, const control::State& after) : before_(before), after_(after) {}

    Result<void> fold(const control::RecordedEvent& recorded);

    std::vector<JobSummary> take_jobs();
    std::vector<AttemptSummary> take_attempts();

   private:
    struct Fold;
    Result<JobSummary*> job(JobId id);
    Result<AttemptSummary*> attempt(AttemptKey key);

    const Store& before_;
    const control::State& after_;
    std::map<JobId, JobSummary> jobs_;
    std::map<AttemptKey, AttemptSummary> attempts_;
};

}  // namespace dayu::journal
