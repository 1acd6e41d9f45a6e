#include "sched/free_nodes.h"

#include <limits>

namespace dayu::sched {

NodeView operator+(const NodeView& free, const NodeShare& share) {
    return {.free_chips_milli = free.free_chips_milli + share.chips_milli,
            .free_cpus = free.free_cpus + share.cpus,
            .free_memory_mib = free.free_memory_mib + share.memory_mib};
}

NodeView operator-(const NodeView& free, const NodeShare& share) {
    return {.free_chips_milli = free.free_chips_milli - share.chips_milli,
            .free_cpus = free.free_cpus - share.cpus,
            .free_memory_mib = free.free_memory_mib - share.memory_mib};
}

bool fits(const NodeView& free, const Resources& needs) {
    return free.free_chips_milli >= needs.chips_milli && free.free_cpus >= needs.cpus &&
           free.free_memory_mib >= needs.memory_mib;
}

FreeNodes::FreeNodes(const Pool& pool) {
    const NodeView whole{.free_chips_milli = pool.chips_per_node * 1000,
                         .free_cpus = pool.cpus_per_node,
                         .free_memory_mib = pool.memory_mib_per_node};
    lid_ = {.chips_milli = whole.free_chips_milli,
            .cpus = whole.free_cpus + 1,
            .memory_mib = whole.free_memory_mib};
    nodes_.assign(static_cast<std::size_t>(pool.nodes), whole);
    if (pool.nodes > 0) shapes_[whole] = pool.nodes;
}

std::int64_t FreeNodes::count(const Resources& needs, std::int64_t enough) const {
    constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
    std::int64_t found = 0;
    // Shapes are ordered by chips first: those before this one have too few.
    auto shape = shapes_.lower_bound({needs.chips_milli, lowest, lowest});
    for (; shape != shapes_.end() && found < enough; ++shape) {
        if (fits(shape->first, needs)) found += shape->second;
    }
    return found;
}

void FreeNodes::take(std::span<const NodeShare> shares) {
    for (const NodeShare& share : shares) {
        const auto node = static_cast<std::size_t>(share.node);
        if (node < nodes_.size()) change(share.node, nodes_[node] - share);
    }
}

void FreeNodes::give(std::span<const NodeShare> shares) {
    for (const NodeShare& share : shares) {
        const auto node = static_cast<std::size_t>(share.node);
        if (node < nodes_.size()) change(share.node, nodes_[node] + share);
    }
}

void FreeNodes::close(std::int64_t node) {
    const auto at = static_cast<std::size_t>(node);
    if (at < nodes_.size() && closed_.insert(node).second) change(node, nodes_[at] - lid_);
}

void FreeNodes::open(std::int64_t node) {
    if (closed_.erase(node) > 0) change(node, nodes_[static_cast<std::size_t>(node)] + lid_);
}

std::int64_t FreeNodes::open_nodes() const {
    return static_cast<std::int64_t>(nodes_.size() - closed_.size());
}

NodeView FreeNodes::total() const {
    NodeView sum;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (closed_.contains(static_cast<std::int64_t>(i))) continue;
        sum.free_chips_milli += nodes_[i].free_chips_milli;
        sum.free_cpus += nodes_[i].free_cpus;
        sum.free_memory_mib += nodes_[i].free_memory_mib;
    }
    return sum;
}

void FreeNodes::change(std::int64_t node, const NodeView& to) {
    NodeView& free = nodes_[static_cast<std::size_t>(node)];
    const auto before = shapes_.find(free);
    if (--before->second == 0) shapes_.erase(before);
    ++shapes_[to];
    free = to;
}

}  // namespace dayu::sched
