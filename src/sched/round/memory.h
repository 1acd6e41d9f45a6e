// The memory that rounds work in. It lies in the OfferBook from one to the next; nothing of what it says outlives its
// round.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sched/round/class_options.h"
#include "sched/round/fair_order.h"
#include "sched/round/growing_decision.h"
#include "sched/round/pool_plan.h"
#include "sched/round/queue_cursor.h"

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

// What a round knows of a class.
struct ClassState {
    bool is_open = false;       // something of it may start at once
    bool has_options = false;   // once it was asked
    std::size_t may_start = 0;  // jobs of it, which have not been dealt with
    ShapeOffers* offers = nullptr;
    std::vector<Need> needs;  // by choice, of whatever queue; once it was asked
    ClassOptions options;
    std::optional<GrowingDecision> decision;

    void forget();
};

struct RoundMemory {
    TrialPlans plans;
    std::vector<ClassState> classes;  // by number
    std::vector<JobClassId> known;    // those that the round knows something of
    // By class, apart: each lane that is passed over asks for it.
    std::vector<std::uint8_t> is_done;
    Progress progress;
    std::vector<LaneId> begun;  // lanes that have made some
    QueueUse use;
    std::vector<FairOrder::Entrant> entrants;
    FairOrder order;
    std::vector<QueueCursor> cursors;  // by queue
    std::vector<Allowance> allowances;
    std::vector<Right> rights;

    // For a new round over what waits.
    void begin(const Waiting& waiting);
    // What the round has come to know.
    void forget();
};

}  // namespace dayu::sched
