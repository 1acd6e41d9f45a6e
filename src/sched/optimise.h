// All that waits and all that is free, seen at once: which jobs would start where if they were decided together, and
// what capacity is worth by that. Rounds decide one job after the other and must be quick; this runs beside them on
// a copy and takes its time. It knows no World, only a Market (market.h), and equal markets give equal results.
//
// What does not start now is thought to wait for the horizon and to take the best of its places then. A start is
// worth what it is better than that, and so this is a transportation problem:
//
//     the most of  sum of value[class][pool] * started[class][pool]
//     so that      a class starts no more jobs than it has, over all pools,
//                  and a pool takes no more chips than it has free, over all classes.
//
// As a linear programme (optimise/transport.h) it says by its duals what one more chip of each pool would be worth.
// They are rounded to whole micro-yuan, and from there on all is exact: any such prices prove that no division of the
// capacity is worth more than what the chips cost by them and what each job would still gain beyond its chips. That is the
// bound; what rounding did to the prices makes it looser, never wrong. Whole jobs are found from the programme's
// solution and, for what is left of it, by regret (optimise/rounding.h).
#pragma once

#include <vector>

#include "base/result.h"
#include "model/price_index.h"
#include "sched/advice.h"
#include "sched/market.h"

namespace dayu::sched {

struct Optimum {
    PriceIndex prices;             // with the value of `starts`, and the bound
    std::vector<Start> starts;     // by class and pool
    std::vector<ShapeId> weighed;  // the classes, in order

    bool operator==(const Optimum&) const = default;
};

// What the value lacks of the bound, in parts of a million.
std::int64_t distance_ppm(const PriceIndex& prices);

// `horizon` > 0.
Result<Optimum> optimise(Market market, Duration horizon);

}  // namespace dayu::sched
