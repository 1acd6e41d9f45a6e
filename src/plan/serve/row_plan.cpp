#include "plan/serve/row_plan.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace dayu::plan::serve {
namespace {

// Many narrow workers give few requests their answers fast; one wide worker serves many.
constexpr double few_requests = 200;
constexpr double narrow_workers = 4;
constexpr double narrow_chips = 8;
constexpr double most_narrow_chips = 16;
constexpr double wide_chips = 32;
constexpr double parameters_of_one_chip = 150e9;  // a model of more is on several, said or not
constexpr double prompt_chips = 4;                // of a worker on servers of four

// Chips that were counted twice, as a product with themselves; 0: they were not.
double counted_twice(const ServePlan& plan) {
    const double attention = plan.tp * plan.attention_dp;
    const double chips = std::sqrt(attention);
    if (chips <= 1 || plan.moe_tp * plan.moe_ep != attention) return 0;
    const bool is_square = plan.moe_tp == chips && plan.moe_ep == chips;
    const bool is_squared_beside = plan.tp == chips && plan.attention_dp == chips;
    return is_square || is_squared_beside ? chips : 0;
}

ServePlan as_written(const WrittenPlan& written) {
    const auto size = [](double value) { return std::max(1.0, value); };
    return {.tp = size(written.tp),
            .pp = size(written.pp),
            .attention_dp = size(written.attention_dp),
            .moe_tp = size(written.moe_tp),
            .moe_ep = size(written.moe_ep)};
}

// Experts are divided over the chips that attention stands on.
void match_experts(ServePlan& plan, const WrittenPlan& written) {
    const double attention = plan.tp * plan.attention_dp, experts = plan.moe_tp * plan.moe_ep;
    if (experts > attention && written.attention_dp == 0) plan.attention_dp = experts / plan.tp;
    if (experts < attention) plan.moe_ep = attention / plan.moe_tp;
}

// Experts all spread, over `chips` that share attention or have one each.
void spread(ServePlan& plan, double chips, bool shares_attention) {
    plan.tp = shares_attention ? chips : 1;
    plan.attention_dp = shares_attention ? 1 : chips;
    plan.moe_tp = 1;
    plan.moe_ep = chips;
}

}  // namespace

ServePlan engine_plan_of(const WrittenPlan& written, const Transformer& model) {
    ServePlan plan = as_written(written);
    if (model.experts <= 0) {
        plan.moe_tp = plan.moe_ep = 1;
    } else if (const double chips = counted_twice(plan); chips > 0) {
        spread(plan, chips, plan.attention_dp <= 1);
    } else {
        match_experts(plan, written);
    }
    return plan;
}

ServePlan worker_plan_of(const WrittenPlan& written, const Transformer& model) {
    ServePlan plan = as_written(written);
    if (model.experts <= 0) plan.moe_tp = plan.moe_ep = 1;
    if (model.experts <= 0) return plan;
    match_experts(plan, written);
    if (plan.chips() <= 1 && parameters_of(model) > parameters_of_one_chip)
        spread(plan, narrow_chips, true);
    return plan;
}

AnswerPool answer_pool_of(const WrittenPlan& written, const Transformer& model,
                          double concurrency) {
    AnswerPool pool{.plan = worker_plan_of(written, model), .workers = written.workers};
    if (written.workers > 0) return pool;
    const double chips = pool.plan.tp * pool.plan.attention_dp;
    const bool is_few = concurrency <= few_requests;
    pool.workers = is_few && chips <= narrow_chips ? narrow_workers : 1;
    if (model.experts <= 0) return pool;
    const bool is_unsaid = written.tp <= 1 && chips > 1;
    if (is_few) {
        if (written.moe_ep > 1) spread(pool.plan, chips, true);
    } else if (is_unsaid) {
        spread(pool.plan, wide_chips, false);
    } else if (written.moe_ep > 1 || chips > most_narrow_chips) {
        spread(pool.plan, chips, false);
    }
    return pool;
}

std::optional<SplitPlan> hidden_split(const ServePlan& plan) {
    const auto chips = static_cast<std::uint32_t>(plan.tp);
    if (chips <= narrow_chips || std::has_single_bit(chips)) return std::nullopt;
    const auto worker = [&](double size) {
        ServePlan one = plan;
        one.tp = one.moe_ep = size;
        one.moe_tp = 1;
        return one;
    };
    const double answers = std::max(narrow_chips, plan.tp - prompt_chips);
    return SplitPlan{.prefill = worker(prompt_chips),
                     .prefill_workers = 1,
                     .decode = worker(narrow_chips),
                     .decode_workers = std::floor(answers / narrow_chips)};
}

}  // namespace dayu::plan::serve
