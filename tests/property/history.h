// What the events alone may say, told by a model that shares no code with the core: a second opinion.
// A job has at most one live attempt, attempts are numbered without gaps, nothing follows an end, and the
// cost of a job is the sum of its attempts'. Only what waits claims a place, once, and only what runs is asked to leave it.
#pragma once

#include <map>
#include <set>
#include <string>

#include "control/event.h"

namespace dayu::property {

class History {
   public:
    // What is wrong with the event after those before it; empty: nothing.
    std::string take(const control::RecordedEvent& recorded);

   private:
    struct JobSoFar {
        std::int64_t attempts = 0;
        bool live = false;
        bool has_claim = false;
        std::optional<EndCause> stopping;
        bool ended = false;
        std::int64_t cost = 0;
    };
    struct Take;

    std::map<JobId, JobSoFar> jobs_;
    std::set<std::string> centers_;
    Seq last_seq_;
    Time last_at_;
};

}  // namespace dayu::property
