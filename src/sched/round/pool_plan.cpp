#include "sched/round/pool_plan.h"

#include <algorithm>

#include "base/check.h"

namespace dayu::sched {
namespace {

// No estimate is finer than this: what has run past its time limit should be gone within it.
constexpr Duration overdue_grace = seconds(10);

Time expected_end(Time until, Time now) { return std::max(until, now + overdue_grace); }

}  // namespace

PoolPlan::PoolPlan(const CenterView& center, const PoolView& view)
    : center_(&center), view_(&view), next_end_(view.ends.begin()) {}

bool PoolPlan::starts_now(const JobSpec& spec, Time now) const {
    if (reserved_from_ && now + spec.time_limit > *reserved_from_) return false;
    return free().count(spec.resources, spec.nodes) >= spec.nodes;
}

Time PoolPlan::earliest_start(const JobSpec& spec, Time now) {
    if (starts_now(spec, now)) return now;
    const FreeNodes& base = at_frontier_ ? *at_frontier_ : free();
    if (at_frontier_ && base.count(spec.resources, spec.nodes) >= spec.nodes) return frontier_;
    return first_release_with_room(base, spec, now);
}

Time PoolPlan::first_release_with_room(const FreeNodes& base, const JobSpec& spec, Time now) {
    later_.resize(base.nodes().size());
    ++walk_;
    std::int64_t fitting = base.count(spec.resources, spec.nodes);
    std::optional<Time> found;
    visit_releases(now, [&](Time at, const std::vector<NodeShare>& shares) {
        for (const NodeShare& share : shares) {
            const auto node = static_cast<std::size_t>(share.node);
            if (node >= later_.size()) continue;
            Later& later = later_[node];
            if (later.walk != walk_) later = {.walk = walk_, .free = base.nodes()[node]};
            const bool fitted = fits(later.free, spec.resources);
            later.free = later.free + share;
            if (!fitted && fits(later.free, spec.resources)) ++fitting;
        }
        if (fitting >= spec.nodes) found = at;
        return !found;
    });
    CHECK(found.has_value());  // when all has ended the pool is empty, and the spec fits that
    return *found;
}

template <class Visit>
void PoolPlan::visit_releases(Time now, Visit&& visit) const {
    auto running = next_end_;
    auto added = added_.begin();
    while (running != view_->ends.end() || added != added_.end()) {
        const bool running_is_next =
            added == added_.end() ||
            (running != view_->ends.end() && expected_end(running->first, now) <= added->first);
        if (running_is_next) {
            const RunningJob& job = view_->running.at(running->second);
            if (!visit(expected_end(running->first, now), job.nodes)) return;
            ++running;
        } else {
            if (!visit(added->first, added->second)) return;
            ++added;
        }
    }
}

void PoolPlan::place(std::vector<NodeShare> shares, Time end) {
    if (!own_) own_ = view_->free;
    for (const NodeShare& share : shares) {
        const Resources needs{.chip = {},
                              .chips_milli = share.chips_milli,
                              .cpus = share.cpus,
                              .memory_mib = share.memory_mib};
        CHECK(fits(own_->nodes()[static_cast<std::size_t>(share.node)], needs));
        own_->take({&share, 1});
    }
    // Behind a reservation it has ended before the frontier, where its nodes are counted as free.
    if (!reserved_from_) added_.emplace(end, std::move(shares));
    ++version_;
}

void PoolPlan::plan(const Policy& policy, const JobSpec& spec, Time start, Time now) {
    if (!at_frontier_) at_frontier_ = free();
    while (next_end_ != view_->ends.end() && expected_end(next_end_->first, now) <= start) {
        at_frontier_->give(view_->running.at(next_end_->second).nodes);
        ++next_end_;
    }
    while (!added_.empty() && added_.begin()->first <= start) {
        at_frontier_->give(added_.begin()->second);
        added_.erase(added_.begin());
    }
    frontier_ = start;
    if (!reserved_from_) reserved_from_ = start;
    if (auto shares = policy.choose_nodes(pool(), at_frontier_->nodes(), spec)) {
        at_frontier_->take(*shares);
        added_.emplace(start + spec.time_limit, std::move(*shares));
    }
    ++version_;
}

}  // namespace dayu::sched
