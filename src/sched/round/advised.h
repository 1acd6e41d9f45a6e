// The optimum's advice in the course of a round: found by class, and used up as it is followed.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sched/advice.h"
#include "sched/round/pool_plan.h"

namespace dayu::sched {

class Advised {
   public:
    struct Hint {
        Start* start = nullptr;
        std::uint32_t pool = 0;    // its number, in (center, pool) order
        std::uint32_t choice = 0;  // of the job's Choices
    };
    // Takes out what is too old, and what names a pool that is gone.
    Advised(Advice& advice, const std::vector<PoolPlan>& plans, Time now);

    bool is_about(ShapeId shape) const { return advice_.is_about(shape); }
    std::span<const Hint> of(ShapeId shape) const;
    std::int64_t gone() const { return gone_; }  // starts in pools that are

   private:
    const Advice& advice_;
    std::vector<Hint> hints_;  // by shape
    std::int64_t gone_ = 0;
};

}  // namespace dayu::sched
