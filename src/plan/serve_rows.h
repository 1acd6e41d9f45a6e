// Measured servings, a row each, in the columns of the table that the planner is judged on: model, chip, engine, plan and load,
// and the mean TTFT and TPOT where those are known.
//
// Plans in such tables are what harnesses wrote, and some mean other things than they say:
// - Where the chips of attention (tp * attention_dp) are the square of moe_tp = moe_ep, or of tp = attention_dp, the same chips
//   were counted twice.
// - A row with split pools that does not say how many workers there are has those of the published recipe that it followed
//   (serve_recipe.h); where several fit, it may mean each. Of a row without a recipe several narrow workers give few requests
//   their answers, and one wide one with attention beside itself many; prompts get as many workers as keep up.
// - More chips than a server has that are no power of two are those of all pools together.
//
// The table of Splitwise (arXiv 2311.18677) has columns of its own: batches of equal requests that begin and end together.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "plan/known_models.h"
#include "plan/serve_harness.h"
#include "plan/serve_recipe.h"
#include "plan/serve_steady.h"

namespace dayu::plan {

struct ServeRow {
    std::string id;
    std::string family;  // dense, moe, disaggregated, splitwise
    std::string model;
    std::string chip;
    std::string engine;  // trtllm, vllm, sglang
    std::string version;
    Transformer shape;
    ServePlan plan;                 // of one that does both
    std::vector<SplitPlan> splits;  // or else pools, each of which the row may mean
    ServeLoad load;
    double concurrency = 0;
    ServeHabits habits;
    bool is_batch = false;       // requests begin together, and no others follow
    std::string missing;         // what a prediction wants and the row has not; empty: nothing
    double measured_ttft_s = 0;  // 0: not measured
    double measured_tpot_s = 0;

    bool is_split() const { return !splits.empty(); }
    std::string_view engine_version() const {  // as calibrations have it
        return version.empty() ? "none" : std::string_view(version);
    }
};

Result<std::vector<ServeRow>> parse_serve_rows(std::string path, std::string text,
                                               const KnownModels& known,
                                               const ServeHarnesses& harnesses,
                                               const ServeRecipes& recipes);

}  // namespace dayu::plan
