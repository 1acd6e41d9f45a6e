#include <algorithm>

#include "sched/round/table.h"

namespace dayu::sched {

CandidateTable weigh(const World& world, const Policy& policy, const JobSpec& spec, Time now,
                     Money spent) {
    const std::vector<PoolPlan> plans = look_at_pools(world);
    const ShapeOffers offers(world, policy, spec);
    std::vector<Row> rows;
    for (const Offer& offer : offers.offers) {
        const JobSpec& choice = offers.choices.specs[offer.choice];
        const PoolPlan& plan = plans[offer.pool];
        if (!is_open(plan, choice) || !is_affordable(offer, choice, spent)) continue;
        const Time room = plan.earliest_start(stay_of(offer, choice), now);
        rows.push_back({&offer, room, objective_at(policy, choice, offer, room - now)});
    }
    std::ranges::sort(rows, {}, order_of);
    CandidateTable table =
        make_table({.world = world, .plans = plans, .offers = offers, .spent = spent}, rows);
    table.policy = policy.name();
    table.at = now;
    return table;
}

}  // namespace dayu::sched
