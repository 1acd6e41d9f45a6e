#include "plan/collectives.h"

#include <bit>
#include <cstdint>

namespace dayu::plan {
namespace {

// Of one tier, as a group of some size sees it.
struct Lane {
    double bandwidth;
    double latency_s;
    double half_bytes;
};

Lane in_node(const Fabric& fabric, double ranks) {
    return {node_bandwidth(fabric.node, ranks), fabric.node.latency_s, fabric.node.half_bytes};
}

Lane in_network(const Fabric& fabric) {
    return {network_bandwidth(fabric.network), fabric.network.latency_s, fabric.network.half_bytes};
}

// A message of half_bytes takes twice its time at full bandwidth.
double transfer_s(const Lane& lane, double bytes) {
    return (bytes + lane.half_bytes) / lane.bandwidth;
}

// (n-1)/n of the tensor in n-1 hops.
double shift_s(const Lane& lane, double ranks, double bytes) {
    if (ranks <= 1) return 0;
    const double hops = ranks - 1;
    return hops * (bytes + lane.half_bytes) / (ranks * lane.bandwidth) + hops * lane.latency_s;
}

double reduce_s(const Lane& lane, double ranks, double bytes) {
    if (ranks <= 1) return 0;
    const double hops = std::bit_width(static_cast<std::uint32_t>(ranks) - 1);  // of a tree
    return 2 * (ranks - 1) * (bytes + lane.half_bytes) / (ranks * lane.bandwidth) +
           2 * hops * lane.latency_s;
}

double nodes_of(Group group) { return group.ranks / group.per_node; }

// Scatters or gathers: inside the node the whole tensor, between nodes each member's part of it.
double spread_s(const Fabric& fabric, Group group, double bytes) {
    const double inside_s = shift_s(in_node(fabric, group.per_node), group.per_node, bytes);
    if (group.ranks <= group.per_node) return inside_s;
    return inside_s + shift_s(in_network(fabric), nodes_of(group), bytes / group.per_node);
}

}  // namespace

double all_reduce_s(const Fabric& fabric, Group group, double bytes) {
    const Lane node = in_node(fabric, group.per_node);
    if (group.ranks <= group.per_node) return reduce_s(node, group.ranks, bytes);
    return 2 * shift_s(node, group.per_node, bytes) +
           reduce_s(in_network(fabric), nodes_of(group), bytes / group.per_node);
}

double all_gather_s(const Fabric& fabric, Group group, double bytes) {
    return spread_s(fabric, group, bytes);
}

double reduce_scatter_s(const Fabric& fabric, Group group, double bytes) {
    return spread_s(fabric, group, bytes);
}

double all_to_all_s(const Fabric& fabric, Group group, double bytes) {
    if (group.ranks <= 1) return 0;
    const double inside = (group.per_node - 1) / group.ranks * bytes;
    const double outside = (group.ranks - group.per_node) / group.ranks * bytes;
    double time_s = 0;
    if (inside > 0) {
        const Lane node = in_node(fabric, group.per_node);
        time_s += transfer_s(node, inside) + (group.per_node - 1) * node.latency_s;
    }
    if (outside > 0) {
        const Lane network = in_network(fabric);
        // Parts for one node travel together.
        time_s += transfer_s(network, outside) + (nodes_of(group) - 1) * network.latency_s;
    }
    return time_s;
}

double send_in_node_s(const Fabric& fabric, double bytes) {
    const Lane node = in_node(fabric, 2);
    return transfer_s(node, bytes) + node.latency_s;
}

double send_between_nodes_s(const Fabric& fabric, double bytes) {
    const Lane network = in_network(fabric);
    return transfer_s(network, bytes) + network.latency_s;
}

}  // namespace dayu::plan
