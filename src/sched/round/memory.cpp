#include "sched/round/memory.h"

namespace dayu::sched {

std::vector<PoolPlan>& TrialPlans::begin(World& world) {
    if (world_ == &world && supply_version_ == world.supply_version()) {
        for (PoolPlan& plan : plans_) plan.begin();
        return plans_;
    }
    plans_.clear();
    for (const auto& [id, center] : world.centers()) {
        for (const auto& [name, pool] : center.pools)
            plans_.emplace_back(center, world.try_out(id, name));
    }
    world_ = &world;
    supply_version_ = world.supply_version();
    return plans_;
}

void TrialPlans::take_back() {
    for (PoolPlan& plan : plans_) plan.take_back();
}

}  // namespace dayu::sched
