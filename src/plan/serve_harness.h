// How measured servings were run, where that shows in their figures and the columns of their tables do not say it
// (data/plan/serve_harnesses.csv). Each was found by comparing runs of one plan, chip and load:
// - speculative decoding (a draft of several tokens that the model checks at once): TPOT is shorter by much;
// - streaming in pieces: the first `first_tokens` tokens reach the client together, TTFT is longer by so many TPOT;
//   where an iteration gives several tokens, those of as many iterations;
// - more requests under way than the engine has places: TTFT falls with the concurrency, as who waits for a place does so until
//   the next answer ends.
// - lengths drawn between 0.8 of what the row says and all of it, as InferenceMAX does: the mean is 0.9 of it;
// - prompts that come again: TTFT is shorter than computing them would take.
// Runs are named by engine, version, model, date and lengths. Nothing here is used but to compare predictions with such runs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dayu::plan {

// A run by what its row says of it.
struct ServeRun {
    std::string_view engine;
    std::string_view version;
    std::string_view model;  // its path
    std::string_view date;   // "2026-01-14T00:00:00.000Z"
    double isl = 0, osl = 0;
    bool is_split = false;
    bool says_workers = true;  // of split pools, how many there are
};

struct ServeHabits {
    double accepted = 1;      // tokens that an iteration gives a sequence, drafting paid
    double first_tokens = 1;  // that reach the client together
    double queued = 0;        // requests beyond the engine's places
    double length_part = 1;   // mean lengths, of what the row says
    double prefix_hit = 0;    // part of the prompts that was in the cache already
};

class ServeHarnesses {
   public:
    static Result<ServeHarnesses> parse(std::string path, std::string text);

    // Of the first line that the run fits.
    ServeHabits habits_of(const ServeRun& run) const;

   private:
    // An empty word, and 0, hold for all; "none" for an empty one. Others are how the run's word begins, or the model's ends.
    struct Entry {
        std::string engine, version, model, date;
        double isl = 0, osl = 0;
        std::string pools;  // "one", "split", "unsaid": split without a count of workers
        ServeHabits habits;

        bool fits(const ServeRun& run) const;
    };
    std::vector<Entry> entries_;
};

}  // namespace dayu::plan
