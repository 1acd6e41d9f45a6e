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

void ClassState::forget() {
    is_open = has_options = false;
    may_start = 0;
    offers = nullptr;
    needs.clear();
    decision.reset();
}

void RoundMemory::begin(const Waiting& waiting) {
    if (classes.size() < waiting.classes().size()) classes.resize(waiting.classes().size());
    is_done.resize(classes.size());
    if (progress.size() < waiting.lanes()) progress.resize(waiting.lanes());
}

void RoundMemory::forget() {
    plans.take_back();
    for (const JobClassId id : known) {
        classes[id.value].forget();
        is_done[id.value] = 0;
    }
    known.clear();
    for (const LaneId lane : begun) progress[lane.value] = 0;
    begun.clear();
}

}  // namespace dayu::sched
