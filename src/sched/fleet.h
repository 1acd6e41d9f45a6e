// The nodes of a pool as packing sees them (packing.h): what is free on each, and which of them are equal.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "sched/packing.h"

namespace dayu::sched {

struct FleetNode {
    NodeState state;
    std::int64_t memory_mib = 0;  // free

    bool operator==(const FleetNode&) const = default;
};

// Where a request has gone.
struct Packed {
    std::uint32_t node = 0;
    std::uint32_t chips = 0;  // a bit a chip
};

struct NodeStateHash {
    std::size_t operator()(const NodeState& state) const;
};

class Fleet {
   public:
    // Nodes in equal states.
    struct Group {
        StateId id = 0;
        NodeState state;
        std::vector<std::uint32_t> nodes;  // in their order
    };

    // The first of equally good nodes is taken: their order is the caller's. `apart`: PackingPolicy::tells_chips_apart.
    Fleet(std::vector<FleetNode> nodes, bool apart);

    // The best node by the policy, and the request is on it; nothing when it fits nowhere.
    std::optional<Packed> pack(const PackRequest& request, std::int64_t arrived_milli,
                               PackingPolicy& policy);
    void release(const PackRequest& request, const Packed& packed);

    const std::vector<FleetNode>& nodes() const { return nodes_; }
    std::span<const Group> groups() const { return groups_; }
    // Of all nodes together, when nothing was on them.
    std::int64_t capacity_milli() const { return capacity_milli_; }  // of chips
    std::int64_t capacity_cpu_milli() const { return capacity_cpu_milli_; }

   private:
    void join(std::uint32_t node);
    void leave(std::uint32_t node);
    NodeState seen(const NodeState& state) const;
    StateId id_of(const NodeState& state);
    // The first node of the group with that much memory.
    std::optional<std::uint32_t> first_with(const Group& group, std::int64_t memory_mib) const;
    Packed put(std::uint32_t node, const PackRequest& request, std::int32_t chip_left);

    std::vector<FleetNode> nodes_;  // chips in their own order
    std::vector<Group> groups_;     // by what the policy tells apart; in no order
    // Never shrinks: states come again, and policies keep by their numbers what they have worked out for them (memo.h).
    // Whoever packs for months with ever new sizes of requests begins with a new Fleet, and a new policy, now and then.
    std::unordered_map<NodeState, StateId, NodeStateHash> ids_;
    std::vector<std::uint32_t> group_of_;  // by state; no_group
    std::vector<StateId> state_of_;        // by node
    std::int64_t capacity_milli_ = 0;
    std::int64_t capacity_cpu_milli_ = 0;
    bool apart_;
};

}  // namespace dayu::sched
