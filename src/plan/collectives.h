// What the exchanges between ranks take, in seconds. `bytes` is the size of the whole tensor: what each rank holds after an
// all-gather, and before a reduce-scatter or an all-reduce.
//
// On one tier of n ranks with bandwidth B and latency a hop L (Thakur, Rabenseifner and Gropp, 2005):
//   all-gather, reduce-scatter   (n-1)/n bytes/B + (n-1) L
//   all-reduce                   both, but 2 ceil(log2 n) L, as trees have it
//   all-to-all                   (n-1)/n bytes/B + (n-1) L
// A group that spans nodes with q > 1 members in each goes two levels: it scatters inside the node, reduces a q-th of the
// tensor over the network, and gathers inside. All q network cards carry a part, which is why a group with few members a
// node is slow.
#pragma once

#include "plan/topology.h"

namespace dayu::plan {

double all_reduce_s(const Fabric& fabric, Group group, double bytes);
double all_gather_s(const Fabric& fabric, Group group, double bytes);
double reduce_scatter_s(const Fabric& fabric, Group group, double bytes);

// `bytes` leave each rank, in equal parts for all ranks, itself included.
double all_to_all_s(const Fabric& fabric, Group group, double bytes);

// From one rank to another, in its node or not.
double send_in_node_s(const Fabric& fabric, double bytes);
double send_between_nodes_s(const Fabric& fabric, double bytes);

}  // namespace dayu::plan
