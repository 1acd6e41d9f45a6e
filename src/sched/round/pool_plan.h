// One pool in the course of a round: what the round places there, and what it keeps for jobs that have to
// wait. Up to k of those get a reservation: nodes, and the time from which they have room for it. Others start
// on such a node only if they end by then, or fit beside what is reserved; so a large gang does not
// starve, and no reservation is delayed by one that came after it (hybrid backfill). Who waits behind
// them is planned likewise, so that the next is told a true time, but nothing is kept for it. Behind so many that
// are planned jobs are only counted: the next is told when the pool would have run them all, without gaps.
//
// The plan tries things out in the World's own view of the pool and takes them back when it ends: copying a
// thousand nodes for each round would cost more than the round.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sched/policy.h"
#include "sched/world.h"

namespace dayu::sched {

// A job as a pool sees it: its nodes are kept for it while its data is brought there, and then for its time limit.
struct Stay {
    const JobSpec& spec;
    Duration length;
};

class PoolPlan {
   public:
    // To look, and to ask for starts: an offer, an explanation.
    PoolPlan(const CenterView& center, const PoolView& view)
        : center_(&center),
          view_(&view),
          open_nodes_(center.closed ? 0 : view.free().open_nodes()) {}
    // To place and to reserve: a round.
    PoolPlan(const CenterView& center, PoolView* view) : PoolPlan(center, *view) { trial_ = view; }
    ~PoolPlan() { take_back(); }
    PoolPlan(PoolPlan&& other) noexcept;
    PoolPlan& operator=(PoolPlan&&) = delete;

    // Anew for another round, after everything was taken back: with the nodes that are open now.
    void begin();
    // What was placed, claimed and kept.
    void take_back();

    const CenterView& center() const { return *center_; }
    const Pool& pool() const { return view_->pool(); }
    const PoolView& view() const { return *view_; }
    // That take new jobs; none while the centre is closed.
    std::int64_t open_nodes() const { return open_nodes_; }

    // So many jobs that wait are planned; those behind them are counted.
    static constexpr std::uint64_t max_planned = 64;

    bool starts_now(const Stay& stay, Time now) const;
    // Now, or when nodes have room by the time limits of what runs and of what is planned before it. The spec must
    // fit the empty pool without its closed nodes.
    Time earliest_start(const Stay& stay, Time now) const;
    // At least; and exactly so where nothing is planned. A lookup.
    Time earliest_start_at_best(const JobSpec& spec, Time now) const;
    bool has_plans() const { return planned_ > 0; }
    // The nodes to start on now, those first that wait for a reservation; nothing where there are too few.
    std::optional<std::vector<NodeShare>> choose_nodes(const Policy& policy, const Stay& stay,
                                                       Time now) const;

    void place(JobId job, std::vector<NodeShare> shares, Time until);
    // The World was told of a start, which is no trial.
    void follow_start(std::span<const NodeShare> shares, Time until);
    // Keeps nodes that have not all the room yet: who stands in the way will be stopped.
    void claim(JobId job, std::vector<NodeShare> shares, Time until);
    // For a job that cannot start now: at its earliest start, on a reservation while there are some.
    void plan(const Stay& stay, Time now);
    // Likewise where nobody asks when that is, or when the next can start: that is worked out for reservations alone.
    void reserve(const Stay& stay, Time now);
    bool is_planned_out() const;
    // So many like it at once, at most: one of those that wait here in so many, so that a million are counted in a few
    // hundred steps, each of which moves the estimate by little.
    std::int64_t counted_at_once() const;
    void count(const Stay& stay, std::int64_t jobs);

    // Grows with each change that the plan makes: an estimate is good for the version that it was made for.
    std::uint64_t version() const { return version_; }

   private:
    // A node that is reserved.
    struct Guard {
        std::int64_t node = 0;
        Time from;       // nothing that delays it may run on
        NodeView spare;  // what will be free beside it
    };
    // A node with something planned on it.
    struct Busy {
        Time until;  // all of that is over
        std::int64_t node = 0;

        auto operator<=>(const Busy&) const = default;
    };
    class BusyNodes;
    struct Placed {
        JobId job;
        std::vector<NodeShare> shares;
    };
    struct Turn {
        Time start;
        std::vector<std::int64_t> nodes;
    };
    bool admits(const Guard& guard, const Stay& stay, Time now) const;
    void start(JobId job, std::vector<NodeShare> shares, Time until);
    Turn next_turn(const JobSpec& spec, Time now) const;
    std::int64_t work_of(const Stay& stay, std::int64_t jobs) const;
    Time behind_all(const JobSpec& spec, Time now) const;
    void guard(std::int64_t node, const Stay& stay, Time start, Time now);
    bool is_busy(std::int64_t node) const {
        return !busy_until_.empty() && busy_until_[static_cast<std::size_t>(node)] != Time{};
    }
    void keep_busy(std::int64_t node, Time until);

    const CenterView* center_;
    const PoolView* view_;
    std::int64_t open_nodes_;
    std::uint64_t version_ = 0;
    PoolView* trial_ = nullptr;     // the same, where it may be changed
    std::vector<Guard> guards_;     // by node
    std::vector<Busy> busy_;        // the first that is over in front
    std::vector<Time> busy_until_;  // the same by node; Time{}: nothing is planned there
    std::vector<Placed> placed_;
    std::uint64_t planned_ = 0;      // jobs that wait
    Time last_turn_;                 // of those
    std::uint64_t counted_ = 0;      // jobs that wait behind them
    std::int64_t counted_work_ = 0;  // theirs and the last turn's, in seconds of a node
};

}  // namespace dayu::sched
