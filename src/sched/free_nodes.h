// What is free in a pool: node by node, and beside it the nodes of each free capacity, so that best fit is
// a lookup and "do 32 nodes have 8 chips?" looks at a few capacities instead of a thousand nodes.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "model/attempt.h"
#include "model/center.h"
#include "model/job.h"

namespace dayu::sched {

// Free capacity of one node; below zero where a pool has shrunk under what runs there, or where a claim
// waits for what still runs.
struct NodeView {
    std::int64_t free_chips_milli = 0;
    std::int64_t free_cpus = 0;
    std::int64_t free_memory_mib = 0;

    auto operator<=>(const NodeView&) const = default;
};

inline NodeView operator+(const NodeView& free, const NodeShare& share) {
    return {.free_chips_milli = free.free_chips_milli + share.chips_milli,
            .free_cpus = free.free_cpus + share.cpus,
            .free_memory_mib = free.free_memory_mib + share.memory_mib};
}
inline NodeView operator-(const NodeView& free, const NodeShare& share) {
    return {.free_chips_milli = free.free_chips_milli - share.chips_milli,
            .free_cpus = free.free_cpus - share.cpus,
            .free_memory_mib = free.free_memory_mib - share.memory_mib};
}
inline NodeView operator+(const NodeView& a, const NodeView& b) {
    return {.free_chips_milli = a.free_chips_milli + b.free_chips_milli,
            .free_cpus = a.free_cpus + b.free_cpus,
            .free_memory_mib = a.free_memory_mib + b.free_memory_mib};
}
inline NodeView operator-(const NodeView& a, const NodeView& b) {
    return {.free_chips_milli = a.free_chips_milli - b.free_chips_milli,
            .free_cpus = a.free_cpus - b.free_cpus,
            .free_memory_mib = a.free_memory_mib - b.free_memory_mib};
}
inline bool fits(const NodeView& free, const Resources& needs) {
    return free.free_chips_milli >= needs.chips_milli && free.free_cpus >= needs.cpus &&
           free.free_memory_mib >= needs.memory_mib;
}
bool is_overcommitted(const NodeView& free);  // more of something is taken than there is
NodeShare share_of(std::int64_t node, const Resources& needs);

class FreeNodes {
   public:
    using NodeSet = std::set<std::int64_t>;
    // Nodes with the same free capacity.
    struct Shape {
        NodeView free;
        std::uint32_t nodes = 0;  // how many
        std::uint32_t list = 0;   // where they are
    };

    FreeNodes() = default;
    explicit FreeNodes(const Pool& pool);

    std::int64_t size() const { return std::ssize(nodes_); }
    const NodeView& at(std::int64_t node) const { return nodes_[static_cast<std::size_t>(node)]; }
    // By chips, then CPUs, then memory: from the fullest nodes to the emptiest. Without the nodes that are closed or set
    // aside.
    std::span<const Shape> shapes() const { return shapes_; }
    // From the first of them on that has room for `needs`; those behind it may have none.
    std::span<const Shape> shapes_for(const Resources& needs) const;
    std::span<const std::int32_t> nodes_of(const Shape& shape) const { return lists_[shape.list]; }
    // How many nodes could take `needs`; counting stops once `enough` is reached.
    std::int64_t count(const Resources& needs, std::int64_t enough) const;

    // Shares of nodes that the pool no longer has are passed over.
    void take(std::span<const NodeShare> shares);
    void give(std::span<const NodeShare> shares);

    // Nothing fits a closed node, whatever ends there, until it is opened again. Each says how it is now:
    // a repeat changes nothing.
    void close(std::int64_t node);
    void open(std::int64_t node);
    const NodeSet& closed() const { return closed_; }
    bool is_closed(std::int64_t node) const { return closed_.contains(node); }
    std::int64_t open_nodes() const { return size() - std::ssize(closed_); }
    const NodeView& total() const { return total_; }  // over the open nodes

    // Out of the shapes, and back: what a round keeps for one job is not offered to the next. at() goes on
    // to say what is free there.
    void set_aside(std::int64_t node);
    void put_back(std::int64_t node);
    bool is_aside(std::int64_t node) const { return aside_[static_cast<std::size_t>(node)] != 0; }

    bool operator==(const FreeNodes& other) const;

   private:
    bool is_listed(std::int64_t node) const { return !is_closed(node) && !is_aside(node); }
    void list(std::int64_t node);
    void unlist(std::int64_t node);
    void change(std::int64_t node, const NodeView& to);

    std::vector<NodeView> nodes_;
    // A busy pool has hundreds of shapes, and rounds look for one with room more often than for anything else: they lie side
    // by side, and the nodes of each, in order of their numbers, elsewhere. A list that has become empty is used again.
    std::vector<Shape> shapes_;
    std::vector<std::vector<std::int32_t>> lists_;
    std::vector<std::uint32_t> unused_;  // lists
    NodeView total_;
    NodeSet closed_;
    std::vector<std::uint8_t> aside_;  // by node
};

}  // namespace dayu::sched
