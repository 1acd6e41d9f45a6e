// The decision about one class as it grows in a round: the offers that stood there when its first job was
// placed, and who got a place.
#pragma once

#include <vector>

#include "sched/round/table.h"

namespace dayu::sched {

class GrowingDecision {
   public:
    // `rows` are the best offers, in their order.
    GrowingDecision(const ShapeOffers& offers, Money spent, std::vector<Row> rows)
        : offers_(&offers), spent_(spent), rows_(std::move(rows)) {}

    void place(JobId job, const Row& offer, std::vector<NodeShare> nodes);
    ClassDecision finish(const World& world, const std::vector<PoolPlan>& plans, ShapeId shape,
                         const Policy& policy, Time now) &&;

   private:
    struct Placed {
        JobId job;
        const Offer* offer = nullptr;
        std::vector<NodeShare> nodes;
    };
    bool is_chosen(const Row& row) const;
    void keep_best();

    const ShapeOffers* offers_;
    Money spent_;
    std::vector<Row> rows_;
    std::vector<Placed> placed_;
};

}  // namespace dayu::sched
