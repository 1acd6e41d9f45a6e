// What a fleet could hold of a demand at the most, whoever packs and whatever he knows beforehand: a linear programme, solved
// by CLP, of how many requests of each type go to each class of equal nodes.
//
//     the most of  sum of chip milli placed
//     so that      no type is placed more often than it is asked for,
//                  CPU and memory suffice, summed over the nodes of a class,
//                  whole chips and the shared ones together are no more than a model has,
//                  and the parts placed on a model are parts of its shared chips.
//
// A shared chip is divided by a pattern: how many parts of each size it holds, together at most the whole. There are too many
// patterns to write down; those that pay are found by a knapsack over the prices (column generation). A class is as if it were
// one large node, so that the true optimum is at most what comes out here.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "sched/fleet.h"
#include "sched/packing.h"

namespace dayu::sched {

struct BoundDemand {
    PackRequest request;
    double count = 0;
};

// Equal nodes, all idle.
struct BoundClass {
    FleetNode node;
    std::int64_t nodes = 0;
};

// Chip milli.
Result<double> most_packed_milli(std::span<const BoundDemand> demand,
                                 std::span<const BoundClass> classes);

}  // namespace dayu::sched
