// How long what a server writes stays where it is. What is decided from is never touched: State, live jobs, their bodies.
//
//   - Old entries go into the archive: `dayu journal check`, watchers and histories of jobs still read them there.
//   - Bodies (scripts, environments) of jobs that ended long ago are erased. Entries hold their digests alone, so that the
//     chain is whole without them, and says nothing of what they were.
//   - Rows of lists of jobs that ended long ago are dropped; their entries stay.
#pragma once

#include <functional>
#include <optional>

#include "base/result.h"
#include "base/time.h"
#include "journal/journal.h"

namespace dayu::journal {

struct Retention {
    std::optional<Duration> entries;  // none: for ever, as for the others
    std::optional<Duration> bodies;
    std::optional<Duration> jobs;

    bool is_set() const { return entries || bodies || jobs; }
};

struct Tended {
    std::uint64_t archived = 0;
    std::uint64_t bodies = 0;
    std::uint64_t jobs = 0;  // an array counts as one
};

// Does what a Retention asks for, in small steps: a server's commits come in between.
class Caretaker {
   public:
    // Entries are archived when there are so many of them.
    Caretaker(Journal& journal, const Retention& retention,
              std::uint64_t archive_at_least = max_segment_entries)
        : journal_(journal), retention_(retention), archive_at_least_(archive_at_least) {}

    // Ends early, between two steps, when `is_ending` says so.
    Result<Tended> tend(Time now, const std::function<bool()>& is_ending);

   private:
    Result<std::uint64_t> archive(Time before, const std::function<bool()>& is_ending);
    Result<std::uint64_t> erase_bodies(Time before, const std::function<bool()>& is_ending);
    Result<std::uint64_t> drop_jobs(Time before, const std::function<bool()>& is_ending);

    Journal& journal_;
    Retention retention_;
    std::uint64_t archive_at_least_;
    EndedJob erased_to_;  // bodies of jobs up to this one are gone
};

}  // namespace dayu::journal
