// The jobs that wait, at 100 bytes or so each. Jobs that are alike in all that matters to a decision form a
// class, which a round weighs once; those of one class, queue and priority form a lane, of which a round looks
// at the first. A queue knows the heads of its lanes in order of rank.
//
// What may not be placed yet (its time has not come, or nodes are kept for it) stands aside, in no lane.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/id_map.h"
#include "base/time.h"
#include "model/ids.h"
#include "model/job.h"
#include "sched/lane.h"

namespace dayu::sched {

// A job as the World is told of it.
struct QueuedJob {
    JobId job;
    ShapeId shape;
    std::string queue{};  // path
    Priority priority = Priority::normal;
    Time submitted{};  // as it is ranked: later by its handicap
    Time not_before{};
    Money spent{};  // by earlier attempts; max_price bounds the sum

    bool operator==(const QueuedJob&) const = default;
};

struct JobClass {
    ShapeId shape;
    Money spent;                // 0 where it does not matter: there is no max_price
    std::size_t waiting = 0;    // in its lanes
    std::vector<LaneId> lanes;  // in no order
};

// The first of a lane.
struct Head {
    Rank rank;
    LaneId lane;
    JobClassId job_class;
    Priority priority = Priority::normal;
};

class Waiting {
   public:
    void put_shape(ShapeId shape, const JobSpec& spec) { shapes_[shape] = spec; }
    void reserve(std::size_t jobs) { jobs_.reserve(jobs); }
    // Its shape is there. A job that waits already takes its new place.
    void enqueue(const QueuedJob& job, QueueId queue, bool has_claim);
    void dequeue(JobId job);
    // A job for which nodes are kept stands aside.
    void set_claimed(JobId job, bool has_claim);
    // Whose time has come stands in its lane from now on. Back again as well: the clock of a machine may be set back.
    void advance(Time now);

    const std::map<ShapeId, JobSpec>& shapes() const { return shapes_; }
    std::size_t size() const { return jobs_.size(); }
    // `queue` is left empty: the number is queue_of().
    std::optional<QueuedJob> find(JobId job) const;
    QueueId queue_of(JobId job) const { return lane_of(job).queue(); }
    Rank rank_of(JobId job) const { return {jobs_.find(job)->ranked_from, job}; }
    // When the next job that is held back by time may be placed.
    std::optional<Time> next_wake(Time now) const;

    // By number; those in between that are no longer used have nothing that waits.
    std::span<const JobClass> classes() const { return classes_; }
    const JobClass& job_class(JobClassId id) const { return classes_[id.value]; }
    JobClassId class_of(JobId job) const { return lane_of(job).job_class(); }
    const Lane& lane(LaneId id) const { return lanes_[id.value].lane; }
    std::size_t lanes() const { return lanes_.size(); }  // their numbers are below this
    // In order of rank.
    std::span<const Head> heads(QueueId queue) const;
    // Jobs in its own lanes: those that would start if there were room for them.
    std::int64_t waiting_in(QueueId queue) const;
    // How many of a class, in all queues, come before this rank.
    std::size_t count_before(JobClassId job_class, const Rank& rank) const;

    template <class Visit>
    void visit_jobs(Visit&& visit) const {
        jobs_.visit([&](JobId job, const Waiter&) { visit(job); });
    }

   private:
    struct Waiter {
        Time ranked_from;
        Time not_before;
        LaneId lane;
        bool is_aside = false;
        bool has_claim = false;
    };
    struct LaneRow {
        Lane lane;
        std::uint32_t members = 0;  // those that stand aside too
        std::uint32_t place = 0;    // in the list of its class
    };
    struct LaneKey {
        QueueId queue;
        JobClassId job_class;
        Priority priority;
        bool operator==(const LaneKey&) const = default;
    };
    struct LaneHash {
        std::size_t operator()(const LaneKey& key) const noexcept;
    };
    using ClassKey = std::pair<ShapeId, Money>;

    const Lane& lane_of(JobId job) const { return lane(jobs_.find(job)->lane); }
    JobClassId join_class(const QueuedJob& job);
    LaneId join_lane(const LaneKey& key);
    void leave_lane(LaneId id);
    void leave_class(LaneRow& row, LaneId id);
    void place(JobId job, Waiter& waiter);
    void enter(JobId job, Waiter& waiter);
    void step_aside(JobId job, Waiter& waiter);
    template <class Change>
    void change_lane(LaneId id, Change&& change);

    std::map<ShapeId, JobSpec> shapes_;
    IdMap<JobId, Waiter> jobs_;
    std::set<std::pair<Time, JobId>> timed_;  // those that have a not_before
    Time now_;

    std::vector<JobClass> classes_{1};
    std::map<ClassKey, JobClassId> class_ids_;
    std::vector<JobClassId> free_classes_;
    std::vector<LaneRow> lanes_{1};
    std::unordered_map<LaneKey, LaneId, LaneHash> lane_ids_;
    std::vector<LaneId> free_lanes_;
    struct OfQueue {
        std::vector<Head> heads;
        std::int64_t waiting = 0;
    };
    std::vector<OfQueue> queues_;  // by number
};

}  // namespace dayu::sched
