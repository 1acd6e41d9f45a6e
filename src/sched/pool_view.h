// One pool as the scheduler sees it: what is free now, what runs on each node, and when each node will have
// how much of itself free. Most questions are answered by looking something up:
//
//   - does it start now: by free capacity, exactly;
//   - when could it start: by time limits, in parts of a node. A node of 8 chips has 8 parts (one without chips
//     too); its free parts are the least over chips, CPUs and memory, so that a job whose parts are free
//     does fit. A job of few chips and very many CPUs may so be told a later time than the true one.
//
// When nodes will be free is worked out when somebody asks, and kept: the next question looks only at the nodes that have
// changed since. So starts and ends cost nothing here as long as nobody waits for the pool.
//
// About 200 bytes a node at most, 24 more for each of its parts that was asked for, and 48 to 96 for each job on it.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "base/time.h"
#include "model/center.h"
#include "sched/free_nodes.h"

namespace dayu::sched {

// No estimate is finer than this: what has run past its time limit should be gone within it.
inline constexpr Duration overdue_grace = seconds(10);
constexpr Time expected_end(Time until, Time now) { return std::max(until, now + overdue_grace); }

// A job's part of one node, or what is kept there for a claim.
struct NodeJob {
    JobId job;
    Time until;  // at the latest, by its time limit
    NodeShare share;

    bool operator==(const NodeJob&) const = default;
};

class PoolView {
   public:
    PoolView() = default;
    explicit PoolView(const Pool& pool);

    // No nodes: no longer declared, kept for what still runs there.
    const Pool& pool() const { return pool_; }
    const FreeNodes& free() const { return free_; }
    std::span<const NodeJob> jobs_on(std::int64_t node) const;
    std::int64_t running() const { return running_; }  // jobs, on nodes or on what once were some
    // Grows with each change: what was found out for one version is true as long as it stands.
    std::uint64_t version() const { return version_; }

    // Nodes that the pool no longer has are passed over.
    void start(JobId job, std::span<const NodeShare> shares, Time until);
    void finish(JobId job, std::span<const NodeShare> shares);
    void close(std::int64_t node);
    void open(std::int64_t node);
    // For the length of a round; no change of what is so, and none of the version.
    void set_aside(std::int64_t node) { free_.set_aside(node); }
    void put_back(std::int64_t node) { free_.put_back(node); }

    bool starts_now(const Resources& needs, std::int64_t nodes) const;
    // When that many nodes have room at the same time, if nothing else starts: now, or by the time limits of
    // what runs; nothing while too few nodes are open.
    std::optional<Time> earliest_start(const Resources& needs, std::int64_t nodes, Time now) const;
    // Each node with the time from which it has room for `needs` by the time limits, in that order; always: since
    // before now; never: as it is closed, or has shrunk. Good until the next change.
    using ByTime = std::vector<std::pair<Time, std::int32_t>>;
    static constexpr Time always{};
    static constexpr Time never{std::numeric_limits<std::int64_t>::max()};
    const ByTime& nodes_by_time(const Resources& needs) const;
    // The first of them that has no room by its parts yet.
    static ByTime::const_iterator first_later(const ByTime& order);
    // What the node will have free then, if nothing else starts there.
    NodeView free_at(std::int64_t node, Time then, Time now) const;
    // A claim on these nodes can be taken up: what it waited for has gone.
    bool is_ready(std::span<const NodeShare> shares) const;

    // Of what is so, not of how it was found.
    bool operator==(const PoolView& other) const;

   private:
    // When each node has so many parts free.
    struct Part {
        ByTime order;                // empty: nobody has asked yet
        std::vector<Time> times;     // the same, by node
        std::uint64_t in_order = 0;  // for this version
    };

    std::int64_t parts_needed(const Resources& needs) const;
    std::int64_t parts_free(const NodeView& free) const;
    Time when_free(std::int64_t node, std::int64_t parts) const;
    void bring_up_to_date(Part& part, std::int64_t parts) const;
    void merge_changed(Part& part, std::int64_t parts) const;
    std::int32_t changed_by(std::uint64_t version) const {
        return changed_[version & (changed_.size() - 1)];
    }
    void work_out(Part& part, std::int64_t parts) const;
    void touch(std::int64_t node);

    Pool pool_;
    FreeNodes free_;
    std::vector<std::vector<NodeJob>> jobs_;  // by node, the earliest end first
    std::int64_t running_ = 0;
    std::uint64_t version_ = 0;

    // The node of each of the latest versions: a ring, as long as a power of two.
    std::vector<std::int32_t> changed_;
    mutable std::vector<Part> parts_;  // [p]: p + 1 parts free
};

}  // namespace dayu::sched
