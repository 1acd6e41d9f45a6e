// A sched::World fed as the server feeds it: jobs are submitted and end, rounds are held, and what a round decided is
// taken up.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "measure.h"
#include "model/center.h"
#include "model/chip.h"
#include "model/job.h"
#include "model/queue.h"
#include "sched/decide.h"
#include "sched/offer_book.h"
#include "sched/policy.h"
#include "sched/world.h"

namespace dayu::bench {

// Shapes and centres go by their index; what is handed in must outlive the World that is fed with it.
struct Supply {
    std::span<const Chip> chips;
    std::span<const Center> centers;
    std::span<const JobSpec> shapes;
    std::span<const Queue> queues;
};

struct Started {
    JobId job;
    std::int64_t chips_milli = 0;  // over all nodes
};

// What one call of decide() and the taking up of it came to.
struct Round {
    Took decide, take_up;
    std::int64_t placed = 0;
    std::int64_t victims = 0;
    bool unfinished = false;

    Took whole() const {
        Took sum = decide;
        return sum += take_up;
    }
};

class FedWorld {
   public:
    // How a job is when it comes to wait, or to wait again.
    using Describe = std::function<sched::QueuedJob(JobId)>;
    FedWorld(const Supply& supply, Describe describe)
        : supply_(supply), describe_(std::move(describe)) {}

    void build_supply();
    void submit(JobId job);
    Round round(Time now);
    // One of running(), which takes another order by it.
    Started end(std::size_t index);
    // What a round asked to stop has done so, and waits again.
    void end_victims();

    const sched::World& world() const { return world_; }
    const sched::Policy& policy() const { return policy_; }
    std::span<const Started> running() const { return running_; }
    std::int64_t waiting() const { return waiting_; }
    std::int64_t chips_in_use_milli() const { return chips_in_use_milli_; }

   private:
    void take_up(const sched::Decisions& decisions, Time now);
    void start(const sched::ClassDecision& decided, Time now);
    void claim(const sched::Claim& claim);
    void leave(const Started& started);
    sched::RunningJob running_job(JobId job, const sched::QueuedJob& as_queued, const JobSpec& spec,
                                  Time now) const;

    Supply supply_;
    Describe describe_;
    const sched::Policy& policy_ = *sched::find_policy("least-cost");
    sched::World world_;
    sched::OfferBook book_;
    std::vector<Started> running_;
    std::vector<JobId> victims_;
    std::int64_t waiting_ = 0;
    std::int64_t chips_in_use_milli_ = 0;
};

}  // namespace dayu::bench
