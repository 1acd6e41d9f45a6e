// What the policies share: the cost of an offer in micro-yuan, gangs chosen by the order of shapes, and the two together.
#pragma once

#include <algorithm>
#include <optional>
#include <ranges>
#include <vector>

#include "sched/policy.h"

namespace dayu::sched {

// Price + waiting + carbon + moving the data, by the job's own weights, held at the end of 64 bits.
Money cost_of(const Terms& terms, const JobSpec& spec);

// The first nodes that have room, going through a range of shapes; in order of their numbers.
template <class Shapes>
std::optional<std::vector<NodeShare>> first_nodes_of(const FreeNodes& free, Shapes&& shapes,
                                                     const Resources& needs, std::int64_t nodes) {
    std::vector<NodeShare> shares;
    shares.reserve(static_cast<std::size_t>(nodes));
    for (const FreeNodes::Shape& shape : shapes) {
        if (!fits(shape.free, needs)) continue;
        for (const std::int64_t node : free.nodes_of(shape)) {
            shares.push_back(share_of(node, needs));
            if (std::ssize(shares) < nodes) continue;
            std::ranges::sort(shares, {}, &NodeShare::node);
            return shares;
        }
    }
    return std::nullopt;
}

// The cheapest offer by money, waiting and carbon, packed tightly. Best fit keeps whole nodes whole for the gangs that need
// them.
class ByCost : public Policy {
   public:
    Money objective(const Terms& terms, const JobSpec& spec) const override {
        return cost_of(terms, spec);
    }

    std::optional<std::vector<NodeShare>> choose_nodes(const FreeNodes& free,
                                                       const Resources& needs,
                                                       std::int64_t nodes) const override {
        return first_nodes_of(free, free.shapes_for(needs), needs, nodes);
    }
};

}  // namespace dayu::sched
