// The memory that rounds work in. It lies in the OfferBook from one to the next; nothing of what it says outlives its
// round.
#pragma once

#include <cstdint>
#include <vector>

#include "sched/round/pool_plan.h"

namespace dayu::sched {

// A plan of each pool of a World, in (center, pool) order: what rounds try out in it.
class TrialPlans {
   public:
    // For a new round. Pools are looked up anew where what is declared has changed.
    std::vector<PoolPlan>& begin(World& world);
    // What the round has tried out.
    void take_back();

   private:
    std::vector<PoolPlan> plans_;
    const World* world_ = nullptr;
    std::uint64_t supply_version_ = 0;
};

struct RoundMemory {
    TrialPlans plans;
};

}  // namespace dayu::sched
