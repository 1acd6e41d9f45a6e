// One round: who gets a place now, in which order, and for whom places are kept.
//
// Claims that have become free are taken up first. Then two passes go through the queues by fair share, and in each
// queue by rank: the first serves what stays within a guarantee, the second all. A job takes the offer with the smallest
// objective; where that one starts later, the job waits for it, with nodes kept for it while the pool has reservations
// (round/pool_plan.h). Within a round capacity only shrinks, so that a class that found nothing to start is not asked
// again.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "sched/decide.h"
#include "sched/offer_book.h"
#include "sched/round/advised.h"
#include "sched/round/evict.h"
#include "sched/round/memory.h"

namespace dayu::sched {

class Round {
   public:
    Round(World& world, const Policy& policy, OfferBook& book, Advice& advice, Time now, Work work);

    ~Round();
    Round(const Round&) = delete;
    Round& operator=(const Round&) = delete;

    Decisions run();

   private:
    enum class Pass : std::uint8_t { guaranteed, all };
    enum class Outcome : std::uint8_t {
        placed,
        passed,      // it waits; another of its lane may be better off
        lane_done,   // nothing more for its lane in this pass
        class_done,  // nothing more for its class in this round
        work_done,
    };
    struct Asker {
        QueueId queue;
        Head head;
        Pass pass;
    };

    void find_open_classes();
    bool is_over() const;
    void finish_class(JobClassId id);
    void find_entrants(Pass pass);
    bool serve(Pass pass);
    Outcome consider(const Asker& asker);
    ClassState& know(JobClassId id);
    ClassState& ask(JobClassId id);
    ClassOptions& options_of(JobClassId id);
    std::optional<Outcome> place(const Asker& asker, ClassState& one, const Row& best);
    Outcome wait(const Asker& asker, ClassState& one, const Row& best);
    Outcome wait_unplanned(const Asker& asker);
    Outcome done(const Asker& asker);
    void stop_waiting();
    Outcome follow_advice(const Asker& asker, ClassState& one);
    bool has_run_out(JobClassId id) const;
    void record(JobClassId id, JobId job, const Row& offer, std::vector<NodeShare> nodes);
    void charge(const Asker& asker, const ClassState& one, const Offer& offer);
    void wake_at(Time time);

    // round/claims.cpp
    bool take_up_claims();
    bool is_ready(const ClaimedNodes& claim) const;
    bool take_up(JobId job, const ClaimedNodes& claim);
    bool may_preempt(QueueId queue, Priority priority) const;
    bool claims_go_on() const;
    bool claim_for(const Asker& asker, ClassState& one);
    std::optional<Eviction> find_victims(const Asker& asker, const ClassState& one,
                                         const Offer& offer);
    Duration claim_length(const Eviction& eviction) const;
    void claim(const Asker& asker, const ClassState& one, const Offer& offer, Eviction eviction);

    // What the quotas say; left in allowances_ and rights_, by choice.
    void find_rights(const Asker& asker, const ClassState& one);
    std::int64_t free_milli(ChipId chip);
    void hold_back(const Asker& asker, const ClassState& one);
    const JobSpec& spec(const ClassState& one, std::uint32_t choice) const {
        return one.offers->choices.specs[choice];
    }
    ShapeId shape_of(const Asker& asker) const;
    Need need(const Asker& asker, const ClassState& one, std::uint32_t choice) const;

    World& world_;
    const Policy& policy_;
    OfferBook& book_;
    const Time now_;
    const Work work_;
    RoundMemory& memory_;
    std::vector<PoolPlan>& plans_;
    Ground ground_;
    Advised advised_;
    QueueUse& use_;
    std::vector<QueueTree::Past> past_;
    std::vector<ClassState>& classes_;
    std::vector<std::uint8_t>& is_done_;
    Progress& progress_;
    std::vector<Allowance>& allowances_;
    std::vector<Right>& rights_;
    std::vector<JobClassId> decided_;  // in order of their first placement
    Money charged_;                    // by the hour, for what was placed last
    std::uint32_t dealt_with_ = 1;     // of the lane whose turn it is

    // Free in the pools that can be reached, by chip; counted when a quota asks for the first time.
    std::optional<std::vector<std::int64_t>> free_milli_;
    // What jobs that have waited long for room within their quotas keep others from, by chip.
    struct Held {
        std::int64_t from_preemptible = 0;
        std::int64_t from_others = 0;
    };
    std::vector<Held> held_;

    std::size_t open_classes_ = 0;
    std::size_t startable_ = 0;  // classes of which jobs may start
    std::size_t placed_ = 0;
    std::size_t waits_ = 0;
    std::size_t waiting_classes_ = 0;
    std::size_t searches_ = 0;        // for victims
    std::vector<bool> has_searched_;  // by queue
    std::set<JobId> stopped_;         // for the claims of this round
    Decisions decisions_;
};

}  // namespace dayu::sched
