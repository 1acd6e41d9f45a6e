#include "sched/round/advised.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace dayu::sched {
namespace {

ShapeId shape_of(const Advised::Hint& hint) { return hint.start->shape; }

}  // namespace

Advised::Advised(Advice& advice, const std::vector<PoolPlan>& plans, Time now) : advice_(advice) {
    if (now > advice.until) advice = {};
    std::erase_if(advice.starts, [](const Start& start) { return start.jobs == 0; });
    std::ranges::sort(advice.starts, {}, [](const Start& start) {
        return std::tie(start.shape, start.center, start.pool, start.variant);
    });
    const auto place_of = [](const PoolPlan& plan) {
        return std::tie(plan.center().id, plan.pool().name);
    };
    for (Start& start : advice.starts) {
        const auto place = std::tie(start.center, start.pool);
        const auto plan = std::ranges::lower_bound(plans, place, {}, place_of);
        if (plan == plans.end() || place_of(*plan) != place) {
            gone_ += std::exchange(start.jobs, 0);
            continue;
        }
        hints_.push_back({.start = &start,
                          .pool = static_cast<std::uint32_t>(plan - plans.begin()),
                          .choice = static_cast<std::uint32_t>(start.variant.value_or(0))});
    }
}

std::span<const Advised::Hint> Advised::of(ShapeId shape) const {
    const auto found = std::ranges::equal_range(hints_, shape, {}, shape_of);
    return {found.begin(), found.end()};
}

}  // namespace dayu::sched
