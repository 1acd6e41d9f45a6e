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

bool is_overcommitted(const NodeView& free) {
    return free.free_chips_milli < 0 || free.free_cpus < 0 || free.free_memory_mib < 0;
}

NodeShare share_of(std::int64_t node, const Resources& needs) {
    return {.node = node,
            .chips_milli = needs.chips_milli,
            .cpus = needs.cpus,
            .memory_mib = needs.memory_mib};
}

FreeNodes::FreeNodes(const Pool& pool) {
    const NodeView whole{.free_chips_milli = pool.chips_per_node * 1000,
                         .free_cpus = pool.cpus_per_node,
                         .free_memory_mib = pool.memory_mib_per_node};
    nodes_.assign(static_cast<std::size_t>(pool.nodes), whole);
    if (pool.nodes == 0) return;
    NodeSet& all = shapes_[whole];
    for (std::int64_t node = 0; node < pool.nodes; ++node) all.insert(all.end(), node);
}

FreeNodes::Shapes::const_iterator FreeNodes::first_with(const Resources& needs) const {
    constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
    return shapes_.lower_bound({needs.chips_milli, lowest, lowest});
}

std::int64_t FreeNodes::count(const Resources& needs, std::int64_t enough) const {
    std::int64_t found = 0;
    for (auto shape = first_with(needs); shape != shapes_.end() && found < enough; ++shape) {
        if (fits(shape->first, needs)) found += std::ssize(shape->second);
    }
    return found;
}

void FreeNodes::take(std::span<const NodeShare> shares) {
    for (const NodeShare& share : shares) {
        if (share.node < size()) change(share.node, at(share.node) - share);
    }
}

void FreeNodes::give(std::span<const NodeShare> shares) {
    for (const NodeShare& share : shares) {
        if (share.node < size()) change(share.node, at(share.node) + share);
    }
}

void FreeNodes::close(std::int64_t node) {
    if (node >= size() || is_closed(node)) return;
    if (is_listed(node)) unlist(node);
    closed_.insert(node);
}

void FreeNodes::open(std::int64_t node) {
    if (closed_.erase(node) > 0 && is_listed(node)) list(node);
}

void FreeNodes::set_aside(std::int64_t node) {
    if (is_aside(node)) return;
    if (is_listed(node)) unlist(node);
    aside_.insert(node);
}

void FreeNodes::put_back(std::int64_t node) {
    if (aside_.erase(node) > 0 && is_listed(node)) list(node);
}

std::int64_t FreeNodes::open_nodes() const { return size() - std::ssize(closed_); }

NodeView FreeNodes::total() const {
    NodeView sum;
    for (std::int64_t node = 0; node < size(); ++node) {
        if (is_closed(node)) continue;
        sum.free_chips_milli += at(node).free_chips_milli;
        sum.free_cpus += at(node).free_cpus;
        sum.free_memory_mib += at(node).free_memory_mib;
    }
    return sum;
}

void FreeNodes::list(std::int64_t node) { shapes_[at(node)].insert(node); }

void FreeNodes::unlist(std::int64_t node) {
    const auto shape = shapes_.find(at(node));
    shape->second.erase(node);
    if (shape->second.empty()) shapes_.erase(shape);
}

// The set's own node moves along: a placement allocates nothing here once both shapes are known.
void FreeNodes::change(std::int64_t node, const NodeView& to) {
    NodeView& free = nodes_[static_cast<std::size_t>(node)];
    if (is_listed(node)) {
        const auto from = shapes_.find(free);
        auto moved = from->second.extract(node);
        if (from->second.empty()) shapes_.erase(from);
        shapes_[to].insert(std::move(moved));
    }
    free = to;
}

}  // namespace dayu::sched
