// Whom a job that cannot start may have stopped, and where that costs others least. A job within the guarantee of
// a queue of its path takes back what others have borrowed, outside of that queue, and no more of it than they have
// beyond their own guarantees; and it takes the place of jobs of lower priority in its own queue.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "base/id_map.h"
#include "sched/round/evict.h"
#include "sched/round/offers.h"

namespace dayu::sched {

// Who wants a place at the cost of others, and what the quotas say to that.
struct Seeker {
    Need need;
    Priority priority = Priority::normal;
    Allowance allowance;
    std::int64_t free_milli = 0;  // of the chip it wants
};

class Victims {
   public:
    // `stopped` are those that the round has stopped already.
    Victims(const World& world, const QueueUse& use, const std::set<JobId>& stopped,
            const Seeker& seeker, Time now)
        : world_(world), use_(use), stopped_(stopped), seeker_(seeker), now_(now) {}

    // In this pool; nothing where too few may be stopped.
    std::optional<Eviction> find(const PoolPlan& plan, const JobSpec& spec) const;
    // Where the pool has room for it, but a limit of its path has not: without the nodes.
    std::optional<Eviction> find_within_limit(const PoolPlan& plan) const;

   private:
    using Jobs =
        std::vector<const PreemptibleJob*>;  // in order of their ids, where nothing else is said
    // What is taken from each queue, by what is stopped in it and below it.
    using Taken = std::map<QueueId, std::int64_t>;
    using Standings = IdMap<JobId, Standing>;

    Jobs each_by_itself(std::span<const PreemptibleJob> jobs) const;
    Jobs all_together(const Jobs& jobs) const;
    bool is_below(QueueId queue, QueueId above) const;
    bool is_lesser_of_own_queue(const PreemptibleJob& job) const;
    // taken_from(queue): what is taken from it, and below it.
    template <class TakenFrom>
    bool leaves_guarantees(QueueId queue, TakenFrom&& taken_from) const;
    bool is_enough(const Jobs& victims) const;
    void take(const PreemptibleJob& job, Taken& taken) const;
    Standings standings_of(const Jobs& allowed) const;
    Standing standing_of(JobId job, const Standings& allowed) const;

    const World& world_;
    const QueueUse& use_;
    const std::set<JobId>& stopped_;
    const Seeker& seeker_;
    const Time now_;
};

}  // namespace dayu::sched
