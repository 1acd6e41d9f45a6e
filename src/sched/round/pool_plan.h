// One pool as a round sees it: what runs there by the World, what the round itself has placed, and the
// waiting jobs that it has planned there. The first planned job reserves the pool: until it starts,
// only jobs start there that end before it by their time limits (EASY backfill, one reservation a pool),
// so that a large gang does not starve. Later planned ones queue up behind it, never before.
//
// Nothing is copied before something changes: most pools of a round are only looked at.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "sched/policy.h"
#include "sched/world.h"

namespace dayu::sched {

class PoolPlan {
   public:
    PoolPlan(const CenterView& center, const PoolView& view);

    const CenterView& center() const { return *center_; }
    const Pool& pool() const { return view_->pool; }
    std::span<const NodeView> nodes() const { return free().nodes(); }
    const std::set<std::int64_t>& excluded() const { return free().closed(); }
    bool has_nodes_for(const JobSpec& spec) const { return free().open_nodes() >= spec.nodes; }

    bool starts_now(const JobSpec& spec, Time now) const;
    // Now, or when enough of what runs or is planned there has ended by its time limit. The spec must
    // fit the empty pool, without the nodes that are excluded.
    Time earliest_start(const JobSpec& spec, Time now);

    void place(std::vector<NodeShare> shares, Time end);
    void plan(const Policy& policy, const JobSpec& spec, Time start, Time now);

    // Grows with each change: an estimate is good for the version that it was made for.
    std::uint64_t version() const { return version_; }

   private:
    const FreeNodes& free() const { return own_ ? *own_ : view_->free; }
    // Calls visit(time, shares) for what ends after the frontier, in order, until it returns false.
    template <class Visit>
    void visit_releases(Time now, Visit&& visit) const;
    Time first_release_with_room(const FreeNodes& base, const JobSpec& spec, Time now);

    const CenterView* center_;
    const PoolView* view_;
    std::optional<FreeNodes> own_;  // free now, once the round has placed something here

    // The frontier: where the last planned job starts, and what is free then beside it.
    Time frontier_;
    std::optional<FreeNodes> at_frontier_;
    std::optional<Time> reserved_from_;
    std::set<std::pair<Time, JobId>>::const_iterator
        next_end_;                                       // of the World's, after the frontier
    std::multimap<Time, std::vector<NodeShare>> added_;  // of the round's, after the frontier

    std::uint64_t version_ = 0;

    // What a node will have free, as far as the walk `walk` over the releases has come.
    struct Later {
        std::uint64_t walk = 0;
        NodeView free;
    };
    std::vector<Later> later_;
    std::uint64_t walk_ = 0;
};

}  // namespace dayu::sched
