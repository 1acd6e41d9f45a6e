// Published recipes of benchmarks with split pools (data/plan/serve_recipes.csv): how many workers computed prompts and gave
// answers at a concurrency, how many sequences a worker decoded at most, and whether it drafted tokens. Tables of measurements
// leave that out in part or whole. It decides TTFT: a request for which no worker has a place waits until an answer ends.
//
// How many tokens a drafting iteration gives (`accepted`) was fitted to rows of the same table; all else is as published.
//
// Plans are words as the recipes have them: "tp8" (heads and experts cut), "tep8" (heads cut, experts spread), "dep8" (attention
// eight times beside itself, experts spread) and "dp8" (attention beside itself, experts cut).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "plan/serve.h"

namespace dayu::plan {

// Prompts and answers on workers of their own.
struct SplitPlan {
    ServePlan prefill;
    double prefill_workers = 1;  // 0: not said
    ServePlan decode;
    double decode_workers = 1;
    double places = 0;    // sequences that a worker decodes at most; 0: as memory holds
    double drafts = 0;    // tokens that an iteration drafts for each sequence
    double accepted = 0;  // tokens that it gives a sequence; 0: not said
};

// A measured run, as far as its row tells. Chips and workers are 0 where it does not.
struct SplitRun {
    std::string engine, version, model, chip, precision;
    double isl = 0, osl = 0;
    double concurrency = 0;
    double prefill_workers = 0, decode_workers = 0;
    double prefill_chips = 0, decode_chips = 0;  // of a worker, or of all of them together
    double prefill_experts = 0;                  // expert parallelism of those that compute prompts
};

class ServeRecipes {
   public:
    static Result<ServeRecipes> parse(std::string path, std::string text);

    // All that the run may have followed: of its version, or else of any.
    std::vector<SplitPlan> plans_of(const SplitRun& run) const;

   private:
    struct Recipe {
        std::vector<std::string> versions, models;
        std::string engine, chip, precision;
        double isl = 0, osl = 0;
        std::vector<std::string> concurrencies;
        SplitPlan plan;

        bool fits(const SplitRun& run) const;
        bool has_shape_of(const SplitRun& run) const;
        bool is_of_version(std::string_view version) const;
    };
    std::vector<Recipe> recipes_;
};

}  // namespace dayu::plan
