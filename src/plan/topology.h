// How chips are joined: inside a node (or supernode) and between nodes. A tier is a kind of wiring with a bandwidth,
// a latency and an oversubscription; what a collective takes on it is in collectives.h.
//
// The kind matters more than the bandwidth on the label. Behind a switch any two chips have the whole link; in a full
// mesh, as in a server of eight Ascend 910B, a group of n chips uses n - 1 of each chip's links, so that two chips have
// one seventh of what eight have. This is why the best plans for one model differ between chips.
#pragma once

#include <algorithm>
#include <cstdint>

namespace dayu::plan {

enum class Wiring : std::uint8_t { crossbar, mesh, ring };  // "switch" is a word of C++

// Bandwidths are bytes/s in one direction.
struct Tier {
    Wiring wiring = Wiring::crossbar;
    double chips = 1;             // that it joins; of the network: any number, and not looked at
    double bandwidth = 0;         // of one chip on all its links together
    double efficiency = 1;        // of that, what large messages reach
    double half_bytes = 0;        // a message of this size reaches half of that
    double latency_s = 0;         // of one hop
    double oversubscription = 1;  // 2: the tier above carries half of what its chips could send
};

struct Fabric {
    Tier node;
    Tier network;  // `bandwidth` is the part of a node's network cards that one chip has
};

// The ranks of one parallel group, and how many of them share a node (1: each in its own).
struct Group {
    double ranks = 1;
    double per_node = 1;
};

// Ranks are numbered with tensor parallelism innermost, so that a group's neighbours lie `stride` chips apart.
inline Group group_of(const Fabric& fabric, double ranks, double stride) {
    const double inside = std::max(1.0, fabric.node.chips / stride);
    return {.ranks = ranks, .per_node = std::min(ranks, inside)};
}

// Of a tier's bandwidth what its chips have when all send. Few networks are oversubscribed, and a division takes long.
inline double carried_bandwidth(const Tier& tier) {
    const double all = tier.bandwidth * tier.efficiency;
    return tier.oversubscription == 1 ? all : all / tier.oversubscription;
}

// Bytes/s that each of `ranks` chips in one node has towards the others, for large messages.
inline double node_bandwidth(const Tier& node, double ranks) {
    const double whole = carried_bandwidth(node);
    if (node.wiring != Wiring::mesh || node.chips <= 1) return whole;
    return whole * (std::min(ranks, node.chips) - 1) / (node.chips - 1);
}

// Bytes/s that one chip has towards other nodes.
inline double network_bandwidth(const Tier& network) { return carried_bandwidth(network); }

}  // namespace dayu::plan
