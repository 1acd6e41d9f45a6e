#include "plan/topology.h"

#include <algorithm>

namespace dayu::plan {

Group group_of(const Fabric& fabric, double ranks, double stride) {
    const double inside = std::max(1.0, fabric.node.chips / stride);
    return {.ranks = ranks, .per_node = std::min(ranks, inside)};
}

double node_bandwidth(const Tier& node, double ranks) {
    const double whole = node.bandwidth * node.efficiency / node.oversubscription;
    if (node.wiring != Wiring::mesh || node.chips <= 1) return whole;
    return whole * (std::min(ranks, node.chips) - 1) / (node.chips - 1);
}

double network_bandwidth(const Tier& network) {
    return network.bandwidth * network.efficiency / network.oversubscription;
}

}  // namespace dayu::plan
