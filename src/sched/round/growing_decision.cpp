#include "sched/round/growing_decision.h"

#include <algorithm>

namespace dayu::sched {

// A row that was not among the best stood there too: what starts now did so from the beginning of the round.
void GrowingDecision::place(JobId job, const Row& offer, std::vector<NodeShare> nodes) {
    const auto row = std::ranges::find(rows_, offer.offer, &Row::offer);
    if (row == rows_.end()) {
        rows_.push_back(offer);
    } else {
        *row = offer;  // nodes that were claimed before are free for that job alone
    }
    placed_.push_back({.job = job, .offer = offer.offer, .nodes = std::move(nodes)});
}

bool GrowingDecision::is_chosen(const Row& row) const {
    return std::ranges::find(placed_, row.offer, &Placed::offer) != placed_.end();
}

// Those that were chosen always, and the best of the others.
void GrowingDecision::keep_best() {
    std::ranges::sort(rows_, {}, order_of);
    for (std::size_t i = rows_.size(); i-- > 0 && rows_.size() > offers_on_record;) {
        if (!is_chosen(rows_[i])) rows_.erase(rows_.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

ClassDecision GrowingDecision::finish(const World& world, const std::vector<PoolPlan>& plans,
                                      ShapeId shape, const Policy& policy, Time now) && {
    keep_best();
    ClassDecision decision;
    decision.table =
        make_table({.world = world, .plans = plans, .offers = *offers_, .spent = spent_}, rows_,
                   refusals_on_record);
    decision.table.shape = shape;
    decision.table.policy = policy.name();
    decision.table.at = now;
    for (Placed& one : placed_) {
        const auto row = std::ranges::find(rows_, one.offer, &Row::offer);
        decision.placements.push_back({.job = one.job,
                                       .candidate = static_cast<std::size_t>(row - rows_.begin()),
                                       .nodes = std::move(one.nodes),
                                       .price_at_most = one.offer->at_most.price});
    }
    return decision;
}

}  // namespace dayu::sched
