#include "sched/round/preempt.h"

#include <algorithm>
#include <vector>

namespace dayu::sched {
namespace {

auto lookup(const std::map<QueueId, std::int64_t>& taken) {
    return [&taken](QueueId queue) { return taken.at(queue); };
}

}  // namespace

std::int64_t chips_milli_of(const RunningJob& job) {
    std::int64_t chips = 0, cpus = 0;
    for (const NodeShare& share : job.nodes) {
        chips += share.chips_milli;
        cpus += share.cpus;
    }
    return chips > 0 ? chips : cpus * 1000;
}

// Whether what is taken from the queue was borrowed: all queues between it and the way of the guarantee keep what is
// guaranteed to them.
template <class TakenFrom>
bool Victims::leaves_guarantees(QueueId queue, TakenFrom&& taken_from) const {
    const std::optional<QueueId> guarantor = seeker_.allowance.guarantor;
    if (!guarantor || is_below(queue, *guarantor)) return false;
    for (QueueId at = queue; at && !is_below(*guarantor, at); at = use_.parent(at)) {
        const std::int64_t left = use_.staying_milli(at, seeker_.need.chip) - taken_from(at);
        if (left < use_.quota(at, seeker_.need.chip).guaranteed_milli) return false;
    }
    return true;
}

std::optional<Eviction> Victims::find(const PoolPlan& plan, const JobSpec& spec) const {
    const Preemptible::Jobs& jobs = world_.preemptible().in(plan.center().id, plan.pool().name);
    Allowed allowed = each_by_itself(jobs);
    while (!allowed.empty()) {
        auto eviction = evict(plan.view(), spec.resources, spec.nodes,
                              [&](JobId job) { return standing_of(job, allowed); });
        if (!eviction) return std::nullopt;
        if (is_enough(eviction->victims)) return eviction;
        // Together they are more than may be taken from some queue.
        Allowed fewer = all_together(allowed);
        if (fewer.size() == allowed.size()) return std::nullopt;
        allowed = std::move(fewer);
    }
    return std::nullopt;
}

Victims::Allowed Victims::each_by_itself(const Preemptible::Jobs& jobs) const {
    Allowed allowed;
    for (const JobId id : jobs) {
        if (stopped_.contains(id)) continue;
        const RunningJob& job = *world_.find_running(id);
        const QueueId queue = queue_of(job);
        const auto its_chips = [milli = chips_milli_of(job)](QueueId) { return milli; };
        if (is_lesser_of_own_queue(job, queue) || leaves_guarantees(queue, its_chips))
            allowed.insert(allowed.end(), id);
    }
    return allowed;
}

std::vector<const RunningJob*> Victims::least_first(const Allowed& jobs) const {
    std::vector<const RunningJob*> order;
    for (const JobId id : jobs) order.push_back(world_.find_running(id));
    std::ranges::sort(order, {}, [](const RunningJob* job) {
        return std::tuple{job->priority, Time{} - job->placed, job->job};
    });
    return order;
}

// As long as all that is taken so far may be taken.
Victims::Allowed Victims::all_together(const Allowed& jobs) const {
    Allowed allowed;
    Taken taken;
    for (const RunningJob* job : least_first(jobs)) {
        const QueueId queue = queue_of(*job);
        Taken with_it = taken;
        take(*job, with_it);
        if (!is_lesser_of_own_queue(*job, queue) && !leaves_guarantees(queue, lookup(with_it)))
            continue;
        taken = std::move(with_it);
        allowed.insert(job->job);
    }
    return allowed;
}

std::optional<Eviction> Victims::find_within_limit(const PoolPlan& plan) const {
    Eviction eviction;
    const auto& jobs = world_.preemptible().in(plan.center().id, plan.pool().name);
    for (const RunningJob* job : least_first(each_by_itself(jobs))) {
        if (!is_lesser_of_own_queue(*job, queue_of(*job))) continue;
        eviction.victims.push_back(job->job);
        eviction.chips_milli += chips_milli_of(*job);
        if (!is_enough(eviction.victims)) continue;
        std::ranges::sort(eviction.victims);
        return eviction;
    }
    return std::nullopt;
}

bool Victims::is_below(QueueId queue, QueueId above) const {
    for (QueueId at = queue; at; at = use_.parent(at)) {
        if (at == above) return true;
    }
    return false;
}

bool Victims::is_lesser_of_own_queue(const RunningJob& job, QueueId queue) const {
    return queue == seeker_.need.queue && job.priority < seeker_.priority;
}

// And the job itself then stays within limits, and leaves what is owed to others.
bool Victims::is_enough(std::span<const JobId> victims) const {
    Taken taken;
    std::int64_t all = 0;
    for (const JobId id : victims) {
        const RunningJob& job = *world_.find_running(id);
        take(job, taken);
        all += chips_milli_of(job);
    }
    for (const JobId id : victims) {
        const RunningJob& job = *world_.find_running(id);
        const QueueId queue = queue_of(job);
        if (!is_lesser_of_own_queue(job, queue) && !leaves_guarantees(queue, lookup(taken)))
            return false;
    }
    const Need& need = seeker_.need;
    for (QueueId at = need.queue; need.chip && at; at = use_.parent(at)) {
        const auto gone = taken.find(at);
        const std::int64_t then =
            use_.used_milli(at, need.chip) + need.milli - (gone == taken.end() ? 0 : gone->second);
        if (then > use_.quota(at, need.chip).limit_milli) return false;
    }
    const std::int64_t owed = seeker_.allowance.owed_milli;
    return owed == 0 || seeker_.free_milli + all - need.milli >= owed;
}

void Victims::take(const RunningJob& job, Taken& taken) const {
    const std::int64_t milli = chips_milli_of(job);
    for (QueueId at = queue_of(job); at; at = use_.parent(at)) taken[at] += milli;
}

Standing Victims::standing_of(JobId id, const Allowed& allowed) const {
    const RunningJob* job = world_.find_running(id);
    if (job == nullptr) return {};  // claimed, or placed in this round
    return {.may_be_stopped = allowed.contains(id),
            .is_stopping = job->stopping || stopped_.contains(id),
            .importance = static_cast<std::int64_t>(job->priority),
            .chips_milli = chips_milli_of(*job),
            .ran = now_ - job->placed};
}

}  // namespace dayu::sched
