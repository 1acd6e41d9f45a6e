// A policy says what an offer is worth to a job, which nodes of a pool to take, and how jobs are ranked. One file in
// policies/ and one line in registry.cpp; docs/checklist/add-a-policy.md walks through one.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "base/time.h"
#include "model/attempt.h"
#include "model/job.h"
#include "sched/foresight.h"
#include "sched/free_nodes.h"

namespace dayu::sched {

// What it comes to when a job starts at some pool: of the time that it is expected to run, or else of its whole time limit.
struct Terms {
    Duration wait;  // from now until it runs: for room, and for its data to get there
    Money price;
    Money moving;  // of its data
    std::int64_t energy_mwh = 0;
    std::int64_t carbon_mg = 0;
    std::int64_t bytes_moved = 0;
    // Where a job may run in several ways of known run time: by how much this one takes longer than the shortest, which is
    // as waiting is; and what an hour of both is reckoned for, alike for all ways: the chips of the smallest, in
    // thousandths. 0: its own.
    Duration longer{};
    std::int64_t waiting_milli = 0;
};

class Policy {
   public:
    virtual ~Policy() = default;
    virtual std::string_view name() const = 0;

    // Nothing: jobs of a queue are ranked by when they came.
    virtual std::optional<LearnedOrder> order() const { return std::nullopt; }

    // What the terms are worth to this job in micro-yuan: the smallest wins, ties go to the lower
    // (center, pool). Whole numbers only: the same inputs give the same bytes. A longer wait is never worth less.
    virtual Money objective(const Terms& terms, const JobSpec& spec) const = 0;

    // Nodes for the whole gang, in their order, or nothing: never a part of it. A lookup: the shapes of `free` stand
    // in order of what they have.
    virtual std::optional<std::vector<NodeShare>> choose_nodes(const FreeNodes& free,
                                                               const Resources& needs,
                                                               std::int64_t nodes) const = 0;
};

// The names that `dayu server --policy` takes; nullptr for an unknown one.
std::vector<std::string_view> policy_names();
const Policy* find_policy(std::string_view name);

}  // namespace dayu::sched
