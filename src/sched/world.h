// What a round looks at: centres with their free capacity, and the queue by class of equal jobs. It is
// fed one event at a time (control/feed.h) and always equals the World built anew from State: a test
// holds that.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "model/attempt.h"
#include "model/center.h"
#include "model/chip.h"
#include "model/job.h"
#include "model/offer.h"
#include "sched/free_nodes.h"

namespace dayu::sched {

struct QueuedJob {
    JobId job;
    ShapeId shape;
    Time not_before;
    Money spent;  // by earlier attempts; max_price bounds the sum

    bool operator==(const QueuedJob&) const = default;
};

struct RunningJob {
    JobId job;
    CenterId center;
    std::string pool;
    std::vector<NodeShare> nodes;
    Time until;  // at the latest, by its time limit

    bool operator==(const RunningJob&) const = default;
};

struct PoolView {
    Pool pool;  // no nodes: no longer declared, kept for what still runs there
    FreeNodes free;
    std::map<JobId, RunningJob> running;
    std::set<std::pair<Time, JobId>> ends;  // the same jobs by `until`

    bool operator==(const PoolView&) const = default;
};

struct CenterView {
    CenterId id;
    Center center;
    std::optional<Refusal> closed;  // why it takes no new attempts at present; none: it does
    std::map<std::string, PoolView> pools;
    // Nodes that take no new attempts, by pool; those of pools too that are not declared at present.
    std::map<std::string, std::set<std::int64_t>> excluded;

    bool operator==(const CenterView&) const = default;
};

// Jobs of one class that wait for a place, first come first; some of them not before their time.
struct ClassQueue {
    JobSpec spec;
    std::map<JobId, QueuedJob> ready;

    bool operator==(const ClassQueue&) const = default;
};

class World {
   public:
    void put_chip(const Chip& chip);
    // Joins, or changes what it declares; what runs there keeps its place, even beyond a shrunk pool.
    void put_center(CenterId id, const Center& center, std::optional<Refusal> closed);
    // A node of a centre that has joined takes no new attempts, or does again; what runs there goes on.
    void exclude(CenterId center, const std::string& pool, std::int64_t node);
    void include(CenterId center, const std::string& pool, std::int64_t node);
    void put_shape(ShapeId shape, const JobSpec& spec);

    // Each of these says how it is now: a repeat changes nothing.
    void enqueue(const QueuedJob& job);
    void dequeue(JobId job);
    void occupy(const RunningJob& job);
    void vacate(JobId job);

    const std::map<CenterId, CenterView>& centers() const { return centers_; }
    const std::map<ShapeId, ClassQueue>& classes() const { return classes_; }
    const std::map<std::string, Chip>& chips() const { return chips_; }
    const QueuedJob* find_queued(JobId job) const;
    std::optional<CenterId> center_of_running(JobId job) const;
    // When the next job that is held back by time may be placed.
    std::optional<Time> next_wake(Time now) const;

    bool operator==(const World&) const = default;

   private:
    std::map<std::string, Chip> chips_;
    std::map<CenterId, CenterView> centers_;
    std::map<ShapeId, ClassQueue> classes_;
    std::unordered_map<JobId, ShapeId> queued_;
    std::set<std::pair<Time, JobId>> delayed_;  // queued jobs that have a not_before
    std::unordered_map<JobId, std::pair<CenterId, std::string>> running_;
};

}  // namespace dayu::sched
