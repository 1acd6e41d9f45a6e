// What will probably be idle on a node in the end, by its state now: the mean over drawn sequences of requests, of which the
// node takes each that fits, on the tightest chip. All nodes of a model are offered the same sequences, so that what two
// states differ in is the states and not the draw.
//
// Playing is what packing spends its time on. A glance plays some of the sequences, a look all of them: a glance tells which
// states are worth a look.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "sched/fleet.h"
#include "sched/packing/offers.h"

namespace dayu::sched {

class NodeOutlook {
   public:
    struct Size {
        std::size_t glance = 0;  // sequences
        std::size_t look = 0;    // those of a glance among them
        std::size_t offers = 0;  // in each
    };
    enum class Care { glance, look };

    // `offers[m]`: what may come to the nodes of model m.
    NodeOutlook(std::span<const std::vector<OfferedRequest>> offers, Size size);

    // Milli. The chips of the state are in the order of what they have left.
    double idle_in_the_end(const NodeState& node, Care care);

   private:
    static constexpr std::int64_t unplayed = -1;
    // Sums over sequences.
    struct Idle {
        std::int64_t glance = unplayed;
        std::int64_t beyond = unplayed;
    };

    Size size_;
    std::vector<OfferSequences> by_model_;
    std::unordered_map<NodeState, Idle, NodeStateHash> known_;
};

}  // namespace dayu::sched
