// Rows of the lists, brought up to date by events. What an event means to a row stands here and nowhere
// else; the store only keeps rows. An event that changes no row needs no line here.
#pragma once

#include <map>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

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

    // The centre that a folded event concerns, by itself or by its attempt; 0: none.
    Result<CenterId> center_of(const control::Event& event);

    std::vector<JobSummary> take_jobs() { return std::move(jobs_); }
    std::vector<AttemptSummary> take_attempts() { return std::move(attempts_); }

   private:
    struct Fold;
    // The row as it is by now; the pointer is good until the next row is asked for or added.
    Result<JobSummary*> job(JobId id);
    Result<AttemptSummary*> attempt(AttemptKey key);
    JobSummary* add(JobSummary row);
    AttemptSummary* add(AttemptSummary row);

    const Store& before_;
    const control::State& after_;
    std::vector<JobSummary> jobs_;
    std::vector<AttemptSummary> attempts_;
    std::unordered_map<JobId, std::size_t> job_at_;  // positions
    std::map<AttemptKey, std::size_t> attempt_at_;
};

}  // namespace dayu::journal
