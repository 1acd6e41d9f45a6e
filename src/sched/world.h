// What a round looks at: centres with their free capacity, the tree of queues that divide it, and the jobs that
// wait. It is fed one event at a time (control/feed.h) and always equals the World built anew from State:
// a test holds that.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/attempt.h"
#include "model/center.h"
#include "model/chip.h"
#include "model/dataset.h"
#include "model/job.h"
#include "model/offer.h"
#include "model/queue.h"
#include "sched/pool_view.h"
#include "sched/preemptible.h"
#include "sched/queue_tree.h"
#include "sched/running_jobs.h"
#include "sched/waiting.h"

namespace dayu::sched {

// Nodes that are kept for a waiting job.
struct ClaimedNodes {
    RunningJob place;  // as the job will run there
    VariantIndex variant{};
    Time until;  // the claim lapses

    bool operator==(const ClaimedNodes&) const = default;
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

class World {
   public:
    void put_chip(const Chip& chip);
    // Joins, or changes what it declares; what runs there keeps its place, even beyond a shrunk pool.
    void put_center(CenterId id, const Center& center, std::optional<Refusal> closed);
    // A node of a centre that has joined takes no new attempts, or does again; what runs there goes on.
    void exclude(CenterId center, const std::string& pool, std::int64_t node);
    void include(CenterId center, const std::string& pool, std::int64_t node);
    void put_dataset(const Dataset& dataset);
    void remove_dataset(const std::string& name);
    void put_queue(const Queue& queue) { queues_.describe(queue); }
    void remove_queue(const std::string& path) { queues_.forget(path); }
    // What the queue's jobs had used at `at`.
    void put_usage(std::string_view path, Money used, Time at) {
        queues_.put_usage(path, used, at);
    }
    void reserve(std::size_t jobs) { waiting_.reserve(jobs); }  // that will wait
    void put_shape(ShapeId shape, const JobSpec& spec) { waiting_.put_shape(shape, spec); }

    // Each of these says how it is now: a repeat changes nothing.
    void enqueue(const QueuedJob& job);
    void dequeue(JobId job) { waiting_.dequeue(job); }
    void occupy(RunningJob as_it_is);
    void vacate(JobId job);
    void stop(JobId job);  // it was asked to
    void claim(const ClaimedNodes& claim);
    void unclaim(JobId job);
    // Jobs whose time has come by then may be placed.
    void advance(Time now) { waiting_.advance(now); }

    const std::map<CenterId, CenterView>& centers() const { return centers_; }
    const std::map<std::string, Chip>& chips() const { return chips_; }
    const std::map<std::string, Dataset>& datasets() const { return datasets_; }
    const QueueTree& queues() const { return queues_; }
    const Waiting& waiting() const { return waiting_; }
    const std::map<JobId, ClaimedNodes>& claims() const { return claims_; }
    const Preemptible& preemptible() const { return preemptible_; }
    bool is_stopping(JobId job) const { return stopping_.contains(job); }
    const JobSpec& spec_of(ShapeId shape) const { return waiting_.shapes().at(shape); }
    std::optional<QueuedJob> find_queued(JobId job) const;
    const RunningJob* find_running(JobId job) const { return running_.find(job); }
    // For a round alone, which tries things out there and leaves it as it was.
    PoolView* try_out(CenterId center, const std::string& pool);
    // When the next job that is held back by time may be placed.
    std::optional<Time> next_wake(Time now) const { return waiting_.next_wake(now); }

    // Grow with each change of what is declared, of centres and chips, or of where data lies: what was found
    // out about them for one version is true as long as it stands.
    std::uint64_t supply_version() const { return supply_version_; }
    std::uint64_t data_version() const { return data_version_; }

    // Of what is so, whatever the numbers by which it goes here.
    bool operator==(const World& other) const;

   private:
    PoolView& pool_of(const RunningJob& job);
    void start(const RunningJob& job);
    void finish(const RunningJob& job);
    void count(const RunningJob& job, const Pool& pool, bool starts);
    void declare_pools(CenterView& view);
    template <class Visit>
    void visit_places(CenterId center, Visit&& visit) const;

    std::map<std::string, Chip> chips_;
    std::map<CenterId, CenterView> centers_;
    std::map<std::string, Dataset> datasets_;
    QueueTree queues_;
    Waiting waiting_;
    RunningJobs running_;
    std::map<JobId, ClaimedNodes> claims_;
    Preemptible preemptible_;   // of the running ones
    std::set<JobId> stopping_;  // of them
    std::uint64_t supply_version_ = 0;
    std::uint64_t data_version_ = 0;
};

}  // namespace dayu::sched
