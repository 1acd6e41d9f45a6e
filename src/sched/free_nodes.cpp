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

FreeNodes::FreeNodes(const Pool& pool) : aside_(static_cast<std::size_t>(pool.nodes)) {
    const NodeView whole{.free_chips_milli = pool.chips_per_node * 1000,
                         .free_cpus = pool.cpus_per_node,
                         .free_memory_mib = pool.memory_mib_per_node};
    nodes_.assign(static_cast<std::size_t>(pool.nodes), whole);
    for (std::int64_t node = 0; node < pool.nodes; ++node) {
        list(node);
        total_ = total_ + whole;
    }
}

std::span<const FreeNodes::Shape> FreeNodes::shapes_for(const Resources& needs) const {
    const auto least = std::ranges::lower_bound(shapes_, first_shape_for(needs), {}, &Shape::free);
    return {std::find_if(least, shapes_.end(),
                         [&](const Shape& shape) { return fits(shape.free, needs); }),
            shapes_.end()};
}

// From the emptiest end: while there is much room, the first shape has enough of it.
std::int64_t FreeNodes::count(const Resources& needs, std::int64_t enough) const {
    const NodeView least = first_shape_for(needs);
    std::int64_t found = 0;
    for (auto shape = shapes_.rbegin(); shape != shapes_.rend() && found < enough; ++shape) {
        if (shape->free < least) break;
        if (fits(shape->free, needs)) found += shape->nodes;
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
    total_ = total_ - at(node);
}

void FreeNodes::open(std::int64_t node) {
    if (closed_.erase(node) == 0) return;
    if (is_listed(node)) list(node);
    total_ = total_ + at(node);
}

void FreeNodes::set_aside(std::int64_t node) {
    if (is_aside(node)) return;
    if (is_listed(node)) unlist(node);
    aside_[static_cast<std::size_t>(node)] = 1;
}

void FreeNodes::put_back(std::int64_t node) {
    if (!is_aside(node)) return;
    aside_[static_cast<std::size_t>(node)] = 0;
    if (is_listed(node)) list(node);
}

void FreeNodes::list(std::int64_t node) {
    auto shape = std::ranges::lower_bound(shapes_, at(node), {}, &Shape::free);
    if (shape == shapes_.end() || shape->free != at(node)) {
        if (unused_.empty()) {
            unused_.push_back(static_cast<std::uint32_t>(lists_.size()));
            lists_.emplace_back();
        }
        shape = shapes_.insert(shape, {.free = at(node), .nodes = 0, .list = unused_.back()});
        unused_.pop_back();
    }
    std::vector<std::int32_t>& nodes = lists_[shape->list];
    nodes.insert(std::ranges::lower_bound(nodes, node), static_cast<std::int32_t>(node));
    ++shape->nodes;
}

void FreeNodes::unlist(std::int64_t node) {
    const auto shape = std::ranges::lower_bound(shapes_, at(node), {}, &Shape::free);
    std::vector<std::int32_t>& nodes = lists_[shape->list];
    nodes.erase(std::ranges::lower_bound(nodes, node));
    if (--shape->nodes > 0) return;
    unused_.push_back(shape->list);
    shapes_.erase(shape);
}

void FreeNodes::change(std::int64_t node, const NodeView& to) {
    const bool listed = is_listed(node);
    if (listed) unlist(node);
    NodeView& free = nodes_[static_cast<std::size_t>(node)];
    if (!is_closed(node)) total_ = total_ - free + to;
    free = to;
    if (listed) list(node);
}

bool FreeNodes::operator==(const FreeNodes& other) const {
    const auto same_nodes = [&](const Shape& a, const Shape& b) {
        return a.free == b.free && std::ranges::equal(nodes_of(a), other.nodes_of(b));
    };
    return nodes_ == other.nodes_ && closed_ == other.closed_ && aside_ == other.aside_ &&
           total_ == other.total_ && std::ranges::equal(shapes_, other.shapes_, same_nodes);
}

}  // namespace dayu::sched
