// What the policies share: the cost of an offer in micro-yuan, and gangs chosen by ranking the nodes.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "model/offer.h"
#include "sched/world.h"

namespace dayu::sched {

// Price + waiting + carbon, by the job's own weights, held at the end of 64 bits.
Money cost_of(const Candidate& offer, const JobSpec& spec, Time now);

NodeShare share_of(std::size_t node, const Resources& needs);

// The `spec.nodes` nodes that fit and rank first; ties go to the lower index.
template <class Rank>
std::optional<std::vector<NodeShare>> first_nodes_by(std::span<const NodeView> nodes,
                                                     const JobSpec& spec, Rank&& rank) {
    const auto wanted = static_cast<std::size_t>(spec.nodes);
    using Ranked = std::pair<decltype(rank(nodes.front())), std::size_t>;
    std::vector<Ranked> best;  // a heap with the worst of the best in front
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (!fits(nodes[i], spec.resources)) continue;
        Ranked ranked{rank(nodes[i]), i};
        if (best.size() == wanted) {
            if (!(ranked < best.front())) continue;
            std::ranges::pop_heap(best);
            best.pop_back();
        }
        best.push_back(std::move(ranked));
        std::ranges::push_heap(best);
    }
    if (best.size() < wanted) return std::nullopt;
    std::vector<NodeShare> shares;
    for (const Ranked& ranked : best) shares.push_back(share_of(ranked.second, spec.resources));
    std::ranges::sort(shares, {}, &NodeShare::node);
    return shares;
}

}  // namespace dayu::sched
