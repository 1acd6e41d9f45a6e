// Nodes that fail one attempt after the other: they get no new ones until an operator has looked. A node is
// blamed only for ends that no job brings about by itself, only when different jobs met with them, and
// never so that more than half of a pool is gone: then the fault is likelier the pool's (ADR 0017).
#pragma once

#include <optional>

#include "control/event.h"
#include "control/state.h"

namespace dayu::control {

// Failures that State keeps of a node, and so the most that a rule may ask for.
inline constexpr std::int64_t max_node_failures = 16;

// When a node is excluded without being asked.
struct NodeRule {
    std::int64_t failures = 3;        // in a row; 0: never
    Duration window = seconds(3600);  // all of them within it
};

// Ends that tell of the node: the engine could not start it there, or machine or shim went away.
bool blames_node(EndCause cause);
// Ends after which the node is as good as new: it ran what it was given.
bool clears_node(EndCause cause);

// Nodes of a pool that may be excluded without being asked, at most.
std::int64_t most_excluded(const Pool& pool);

// What is to be recorded of a node on which an attempt has just failed; nothing while it is borne.
std::optional<NodeExcluded> exclusion_due(const State& state, const NodeKey& key,
                                          const NodeRule& rule, Time now);

bool is_excluded(const State& state, const NodeKey& key);

}  // namespace dayu::control
