// What will probably be idle on a node in the end, by its state now: the mean over drawn sequences of requests, of which the
// node takes each that fits, on the tightest chip. All nodes of a model are offered the same sequences, so that what two
// states differ in is the states and not the draw.
#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "sched/fleet.h"
#include "sched/packing/offers.h"

namespace dayu::sched {

class NodeOutlook {
   public:
    // `offers[m]`: what may come to the nodes of model m.
    NodeOutlook(std::span<const std::vector<OfferedRequest>> offers, OfferSequences::Size size);

    // Milli. The chips of the state are in the order of what they have left.
    double idle_in_the_end(const NodeState& node);

   private:
    std::vector<OfferSequences> by_model_;
    std::unordered_map<NodeState, double, NodeStateHash> known_;
};

}  // namespace dayu::sched
