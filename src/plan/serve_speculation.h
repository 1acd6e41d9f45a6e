// Which measured servings decoded speculatively (with a draft of several tokens that the model then checks at once), which the
// columns of their tables do not say. It shows where runs of one plan, chip and load differ by much in TPOT, and not in their
// prompts: data/plan/serve_speculation.csv names such runs by engine, version and date, with the factor that was found.
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
    std::string_view model;    // its path
    std::string_view date;     // "2026-01-14T00:00:00.000Z"
    bool says_workers = true;  // of split pools, how many there are
};

class SpeculativeRuns {
   public:
    static Result<SpeculativeRuns> parse(std::string path, std::string text);

    // Tokens that an iteration gives a sequence, drafting paid; 1: not speculative, as far as is known.
    double accepted(const ServeRun& run) const;

   private:
    // An empty word holds for all; others are how the run's word begins, or the model's ends.
    struct Entry {
        std::string engine, version, model, date;
        bool without_workers = false;
        double accepted = 1;
    };
    std::vector<Entry> entries_;
};

}  // namespace dayu::plan
