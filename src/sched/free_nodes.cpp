#include "sched/free_nodes.h"

#include <algorithm>

namespace dayu::sched {
namespace {

// No shape that fits comes before this one: it has fewer chips, or as many and fewer CPUs, and so on.
NodeView first_shape_for(const Resources& needs) {
    return {needs.chips_milli, needs.cpus, needs.memory_mib};
}

}  // namespace

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
    tallies_.push_back({.shape = whole, .nodes = pool.nodes});
}

FreeNodes::Shapes::const_iterator FreeNodes::first_with(const Resources& needs) const {
    const auto least =
        std::ranges::lower_bound(tallies_, first_shape_for(needs), {}, &Tally::shape);
    const auto first = std::find_if(least, tallies_.end(),
                                    [&](const Tally& tally) { return fits(tally.shape, needs); });
    return first == tallies_.end() ? shapes_.end() : shapes_.find(first->shape);
}

// From the emptiest end: while there is much room, the first shape has enough of it.
std::int64_t FreeNodes::count(const Resources& needs, std::int64_t enough) const {
    const NodeView least = first_shape_for(needs);
    std::int64_t found = 0;
    for (auto tally = tallies_.rbegin(); tally != tallies_.rend() && found < enough; ++tally) {
        if (tally->shape < least) break;
        if (fits(tally->shape, needs)) found += tally->nodes;
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

void FreeNodes::list(std::int64_t node) {
    shapes_[at(node)].insert(node);
    add_to_tally(at(node));
}

void FreeNodes::unlist(std::int64_t node) {
    const auto shape = shapes_.find(at(node));
    shape->second.erase(node);
    if (shape->second.empty()) shapes_.erase(shape);
    take_from_tally(at(node));
}

// The set's own node moves along: a placement allocates nothing here once both shapes are known.
void FreeNodes::change(std::int64_t node, const NodeView& to) {
    NodeView& free = nodes_[static_cast<std::size_t>(node)];
    if (is_listed(node)) {
        const auto from = shapes_.find(free);
        auto moved = from->second.extract(node);
        if (from->second.empty()) shapes_.erase(from);
        shapes_[to].insert(std::move(moved));
        take_from_tally(free);
        add_to_tally(to);
    }
    free = to;
}

void FreeNodes::add_to_tally(const NodeView& shape) {
    auto tally = std::ranges::lower_bound(tallies_, shape, {}, &Tally::shape);
    if (tally == tallies_.end() || tally->shape != shape)
        tally = tallies_.insert(tally, {.shape = shape});
    ++tally->nodes;
}

void FreeNodes::take_from_tally(const NodeView& shape) {
    const auto tally = std::ranges::lower_bound(tallies_, shape, {}, &Tally::shape);
    if (--tally->nodes == 0) tallies_.erase(tally);
}

}  // namespace dayu::sched
