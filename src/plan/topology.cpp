#include "plan/topology.h"

#include <algorithm>

namespace dayu::plan {

Group group_of(const Fabric& fabric, double ranks, double stride) {
    const double inside = std::max(1.0, fabric.node.chips / stride);
    return {.ranks = ranks, .per_node = std::min(ranks, inside)};
}

namespace {

// Few networks are oversubscribed, and a division takes long.
double carried(const Tier& tier) {
    const double all = tier.bandwidth * tier.efficiency;
    return tier.oversubscription == 1 ? all : all / tier.oversubscription;
}

}  // namespace

double node_bandwidth(const Tier& node, double ranks) {
    const double whole = carried(node);
    if (node.wiring != Wiring::mesh || node.chips <= 1) return whole;
    return whole * (std::min(ranks, node.chips) - 1) / (node.chips - 1);
}

double network_bandwidth(const Tier& network) { return carried(network); }

}  // namespace dayu::plan
