// What is free in a pool: node by node, and beside it how many nodes share each free capacity. Most
// nodes of a pool are alike (whole, or full), so "do 32 nodes have 8 chips?" looks at a few shapes
// instead of a thousand nodes.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "model/attempt.h"
#include "model/center.h"
#include "model/job.h"

namespace dayu::sched {

// Free capacity of one node; below zero where a pool has shrunk under what runs there.
struct NodeView {
    std::int64_t free_chips_milli = 0;
    std::int64_t free_cpus = 0;
    std::int64_t free_memory_mib = 0;

    auto operator<=>(const NodeView&) const = default;
};

NodeView operator+(const NodeView& free, const NodeShare& share);
NodeView operator-(const NodeView& free, const NodeShare& share);
bool fits(const NodeView& free, const Resources& needs);

class FreeNodes {
   public:
    FreeNodes() = default;
    explicit FreeNodes(const Pool& pool);

    std::span<const NodeView> nodes() const { return nodes_; }
    // How many nodes could take `needs`; counting stops once `enough` is reached.
    std::int64_t count(const Resources& needs, std::int64_t enough) const;

    // Shares of nodes that the pool no longer has are passed over.
    void take(std::span<const NodeShare> shares);
    void give(std::span<const NodeShare> shares);

    // Nothing fits a closed node, whatever ends there, until it is opened again. Each says how it is now:
    // a repeat changes nothing.
    void close(std::int64_t node);
    void open(std::int64_t node);
    const std::set<std::int64_t>& closed() const { return closed_; }
    std::int64_t open_nodes() const;
    NodeView total() const;  // over the open nodes

    bool operator==(const FreeNodes&) const = default;

   private:
    void change(std::int64_t node, const NodeView& to);

    NodeShare lid_;  // more than a node has: it lies on each closed one
    std::vector<NodeView> nodes_;
    std::map<NodeView, std::int64_t> shapes_;  // free capacity -> how many nodes have it
    std::set<std::int64_t> closed_;
};

}  // namespace dayu::sched
