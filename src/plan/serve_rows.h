// Measured servings, a row each, in the columns of the table that the planner is judged on: model, chip, engine, plan and load,
// and the mean TTFT and TPOT where those are known.
//
// The table counts some plans twice: where the chips of attention (tp * attention_dp) are the square of moe_tp = moe_ep, the
// same chips were multiplied in both. Such a plan is taken as one of moe_ep chips.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "plan/known_models.h"
#include "plan/serve_steady.h"

namespace dayu::plan {

// Prompts and answers on workers of their own.
struct SplitPlan {
    ServePlan prefill;
    double prefill_workers = 1;
    ServePlan decode;
    double decode_workers = 1;
};

struct ServeRow {
    std::string id;
    std::string family;  // dense, moe, disaggregated, splitwise
    std::string model;
    std::string chip;
    std::string engine;  // trtllm, vllm, sglang
    std::string version;
    Transformer shape;
    ServePlan plan;                  // of one that does both
    std::optional<SplitPlan> split;  // or else
    ServeLoad load;
    double concurrency = 0;
    std::string missing;         // what a prediction wants and the row has not; empty: nothing
    double measured_ttft_s = 0;  // 0: not measured
    double measured_tpot_s = 0;
};

Result<std::vector<ServeRow>> parse_serve_rows(std::string path, std::string text,
                                               const KnownModels& known);

}  // namespace dayu::plan
