// What will probably be idle on a node in the end, by its state now: the mean over drawn sequences of requests, of which the
// node takes each that fits, on the tightest chip. All nodes of a model are offered the same sequences, so that what two
// states differ in is the states and not the draw.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "sched/fleet.h"
#include "sched/packing.h"

namespace dayu::sched {

// A type of request, and how often it is offered beside the others.
struct OfferedRequest {
    PackRequest request;
    double weight = 0;
};

class NodeOutlook {
   public:
    struct Size {
        std::size_t sequences = 0;
        std::size_t offers = 0;  // in each
    };

    // `offers[m]`: what may come to the nodes of model m.
    NodeOutlook(std::span<const std::vector<OfferedRequest>> offers, Size size);

    // Milli. The chips of the state are in the order of what they have left.
    double idle_in_the_end(const NodeState& node);

   private:
    struct Draw {
        std::int64_t cpu_milli = 0;
        std::int16_t chips = 0;
        std::int16_t chip_milli = 0;
    };
    struct Sequences {
        std::vector<Draw> draws;  // one sequence behind the other
        std::int64_t least_cpu_milli = 0;
    };
    Sequences draw(std::span<const OfferedRequest> offers) const;
    double play(const NodeState& node) const;

    Size size_;
    std::vector<Sequences> by_model_;
    std::unordered_map<NodeState, double, NodeStateHash> known_;
};

}  // namespace dayu::sched
