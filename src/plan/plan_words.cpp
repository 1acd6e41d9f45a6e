#include "plan/plan_words.h"

#include <fmt/core.h>

namespace dayu::plan {

std::string words_of(const TrainPlan& plan) {
    std::string words = fmt::format("tp{} pp{}", plan.tp, plan.pp);
    if (plan.vpp > 1) words += fmt::format("x{}", plan.vpp);
    words += fmt::format(" dp{}", plan.dp);
    if (plan.cp > 1) words += fmt::format(" cp{}", plan.cp);
    if (plan.ep > 1) words += fmt::format(" ep{}", plan.ep);
    if (plan.zero > 0) words += plan.zero >= 3 ? " fsdp" : fmt::format(" zero{}", plan.zero);
    words += fmt::format(" mbs{}", plan.micro_batch);
    if (plan.recompute == Recompute::full) words += " recompute";
    if (plan.recompute == Recompute::selective) words += " selective";
    return words;
}

std::string_view words_of(Recompute recompute) {
    switch (recompute) {
        case Recompute::full: return "full";
        case Recompute::selective: return "selective";
        case Recompute::none: break;
    }
    return "none";
}

}  // namespace dayu::plan
