#include "sched/fleet.h"

#include <algorithm>
#include <functional>
#include <limits>

#include "base/check.h"

namespace dayu::sched {
namespace {

constexpr std::uint32_t no_group = std::numeric_limits<std::uint32_t>::max();

bool is_part(const PackRequest& request) {
    return request.chips == 1 && request.chip_milli < whole_chip;
}

}  // namespace

std::size_t NodeStateHash::operator()(const NodeState& state) const {
    std::uint64_t hash = static_cast<std::uint64_t>(state.cpu_milli) * 64 + state.model;
    for (const std::int16_t left : state.left)
        hash = (hash ^ static_cast<std::uint64_t>(left)) * 0x9E3779B97F4A7C15ULL;
    return hash ^ (hash >> 29);
}

Fleet::Fleet(std::vector<FleetNode> nodes, bool apart)
    : nodes_(std::move(nodes)), state_of_(nodes_.size()), apart_(apart) {
    for (std::uint32_t node = 0; node < nodes_.size(); ++node) {
        capacity_milli_ += std::int64_t{whole_chip} * nodes_[node].state.left.size();
        capacity_cpu_milli_ += nodes_[node].state.cpu_milli;
        join(node);
    }
}

std::optional<Packed> Fleet::pack(const PackRequest& request, std::int64_t arrived_milli,
                                  PackingPolicy& policy) {
    policy.consider(*this, request, arrived_milli);
    std::uint32_t best = no_group;
    PackScore best_score;
    for (const Group& group : groups_) {
        if (!fits(group.state, request)) continue;
        const auto node = first_with(group, request.memory_mib);
        if (!node) continue;
        const PackScore score = policy.score(group.id, group.state, request);
        const bool is_better = best == no_group || score.score > best_score.score ||
                               (score.score == best_score.score && *node < best);
        if (!is_better) continue;
        best = *node;
        best_score = score;
        if (is_part(request)) best_score.chip = group.state.left[score.chip];
    }
    if (best == no_group) return std::nullopt;
    return put(best, request, static_cast<std::int32_t>(best_score.chip));
}

void Fleet::release(const PackRequest& request, const Packed& packed) {
    leave(packed.node);
    FleetNode& node = nodes_[packed.node];
    node.memory_mib += request.memory_mib;
    node.state.cpu_milli += request.cpu_milli;
    for (std::size_t chip = 0; chip < node.state.left.size(); ++chip) {
        if (((packed.chips >> chip) & 1) == 0) continue;
        std::int16_t& left = node.state.left[chip];
        left = static_cast<std::int16_t>(left + request.chip_milli);
        CHECK(left <= whole_chip);
    }
    join(packed.node);
}

Packed Fleet::put(std::uint32_t node, const PackRequest& request, std::int32_t chip_left) {
    leave(node);
    FleetNode& taken = nodes_[node];
    const NodeState before = taken.state;
    const auto chip = std::ranges::find(before.left, chip_left) - before.left.begin();
    taken.state = after(before, request, static_cast<std::size_t>(chip));
    taken.memory_mib -= request.memory_mib;
    join(node);
    Packed packed{.node = node};
    for (std::size_t at = 0; at < before.left.size(); ++at) {
        if (taken.state.left[at] != before.left[at]) packed.chips |= 1U << at;
    }
    return packed;
}

NodeState Fleet::seen(const NodeState& state) const {
    NodeState as_seen = state;
    if (!apart_) std::ranges::sort(as_seen.left);
    return as_seen;
}

StateId Fleet::id_of(const NodeState& state) {
    const auto [at, is_new] = ids_.try_emplace(state, static_cast<StateId>(ids_.size()));
    if (is_new) group_of_.push_back(no_group);
    return at->second;
}

void Fleet::join(std::uint32_t node) {
    const NodeState state = seen(nodes_[node].state);
    const StateId id = id_of(state);
    state_of_[node] = id;
    if (group_of_[id] == no_group) {
        group_of_[id] = static_cast<std::uint32_t>(groups_.size());
        groups_.push_back({.id = id, .state = state, .nodes = {}});
    }
    std::vector<std::uint32_t>& nodes = groups_[group_of_[id]].nodes;
    nodes.insert(std::ranges::lower_bound(nodes, node), node);
}

void Fleet::leave(std::uint32_t node) {
    const std::uint32_t at = group_of_[state_of_[node]];
    std::vector<std::uint32_t>& nodes = groups_[at].nodes;
    nodes.erase(std::ranges::lower_bound(nodes, node));
    if (!nodes.empty()) return;
    group_of_[groups_[at].id] = no_group;
    if (at + 1 < groups_.size()) {
        groups_[at] = std::move(groups_.back());
        group_of_[groups_[at].id] = at;
    }
    groups_.pop_back();
}

std::optional<std::uint32_t> Fleet::first_with(const Group& group, std::int64_t memory_mib) const {
    for (const std::uint32_t node : group.nodes) {
        if (nodes_[node].memory_mib >= memory_mib) return node;
    }
    return std::nullopt;
}

}  // namespace dayu::sched
