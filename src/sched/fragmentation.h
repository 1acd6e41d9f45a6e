// How much of a node's idle chips cannot be used by what is typically asked for: the expected fragmentation of FGD
// ("Beware of Fragmentation", USENIX ATC 2023). For a type of request that the node cannot take it is all that is idle;
// for one that fits it is what lies on chips with less left than the request takes.
#pragma once

#include <vector>

#include "sched/packing.h"

namespace dayu::sched {

class Fragmentation {
   public:
    // Of the most popular types, as many as make up 95 % of the requests.
    explicit Fragmentation(const Popularity& popularity);

    double of(const NodeState& node) const;  // milli

   private:
    struct Type {
        PackRequest request;
        double share = 0;  // they sum to 1
    };
    std::vector<Type> types_;
};

}  // namespace dayu::sched
