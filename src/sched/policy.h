// A policy says what an offer is worth to a job and which nodes of a pool to take. One file in
// policies/ and one line in registry.cpp; docs/checklist/add-a-policy.md walks through one.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "model/offer.h"
#include "sched/world.h"

namespace dayu::sched {

class Policy {
   public:
    virtual ~Policy() = default;
    virtual std::string_view name() const = 0;

    // The cost of the offer to this job in micro-yuan: the smallest wins, ties go to the lower
    // (center, pool). Whole numbers only: the same inputs give the same bytes.
    virtual Money objective(const Candidate& offer, const JobSpec& spec, Time now) const = 0;

    // Nodes for the whole gang, or nothing: never a part of it.
    virtual std::optional<std::vector<NodeShare>> choose_nodes(const Pool& pool,
                                                               std::span<const NodeView> nodes,
                                                               const JobSpec& spec) const = 0;
};

// The names that `dayu server --policy` takes; nullptr for an unknown one.
std::vector<std::string_view> policy_names();
const Policy* find_policy(std::string_view name);

}  // namespace dayu::sched
