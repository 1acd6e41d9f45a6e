// The plan that a row of a table of measured servings means; see serve_rows.h.
#pragma once

#include <optional>

#include "plan/serve_rows.h"

namespace dayu::plan::serve {

// As the row says it; 0: not said.
struct WrittenPlan {
    double workers = 0;
    double tp = 0, pp = 0, attention_dp = 0, moe_tp = 0, moe_ep = 0;
};

// Of an engine that does both, or of a worker of split pools.
ServePlan engine_plan_of(const WrittenPlan& written, const Transformer& model);
ServePlan worker_plan_of(const WrittenPlan& written, const Transformer& model);

// Workers that give answers, and their plan, where a row may not say how many there are.
struct AnswerPool {
    ServePlan plan;
    double workers = 1;
};
AnswerPool answer_pool_of(const WrittenPlan& written, const Transformer& model, double concurrency);

// Pools behind a number of chips that was written as one worker's; none: it can be one worker's.
std::optional<SplitPlan> hidden_split(const ServePlan& plan);

}  // namespace dayu::plan::serve
