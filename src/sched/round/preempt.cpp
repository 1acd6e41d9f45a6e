#include "sched/round/preempt.h"

#include <algorithm>
#include <vector>

namespace dayu::sched {
namespace {

auto lookup(const std::map<QueueId, std::int64_t>& taken) {
    return [&taken](QueueId queue) { return taken.at(queue); };
}

// `jobs` in order of their ids.
const PreemptibleJob* find_job(std::span<const PreemptibleJob* const> jobs, JobId id) {
    const auto at = std::ranges::lower_bound(jobs, id, {}, &PreemptibleJob::job);
    return at == jobs.end() || (*at)->job != id ? nullptr : *at;
}

std::vector<const PreemptibleJob*> least_first(std::vector<const PreemptibleJob*> jobs) {
    std::ranges::sort(jobs, {}, [](const PreemptibleJob* job) {
        return std::tuple{job->priority, Time{} - job->placed, job->job};
    });
    return jobs;
}

}  // namespace

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
    Jobs allowed = each_by_itself(world_.preemptible().in(plan.center().id, plan.pool().name));
    while (!allowed.empty()) {
        const Standings standings = standings_of(allowed);
        auto eviction = evict(plan.view(), spec.resources, spec.nodes,
                              [&](JobId job) { return standing_of(job, standings); });
        if (!eviction) return std::nullopt;
        Jobs victims;
        for (const JobId id : eviction->victims) victims.push_back(find_job(allowed, id));
        if (is_enough(victims)) return eviction;
        // Together they are more than may be taken from some queue.
        Jobs fewer = all_together(allowed);
        if (fewer.size() == allowed.size()) return std::nullopt;
        allowed = std::move(fewer);
    }
    return std::nullopt;
}

Victims::Jobs Victims::each_by_itself(std::span<const PreemptibleJob> jobs) const {
    Jobs allowed;
    for (const PreemptibleJob& job : jobs) {
        const auto its_chips = [&](QueueId) { return job.chips_milli; };
        if (!is_lesser_of_own_queue(job) && !leaves_guarantees(job.queue, its_chips)) continue;
        if (!stopped_.contains(job.job)) allowed.push_back(&job);
    }
    return allowed;
}

// As long as all that is taken so far may be taken.
Victims::Jobs Victims::all_together(const Jobs& jobs) const {
    Jobs allowed;
    Taken taken;
    for (const PreemptibleJob* job : least_first(jobs)) {
        Taken with_it = taken;
        take(*job, with_it);
        if (!is_lesser_of_own_queue(*job) && !leaves_guarantees(job->queue, lookup(with_it)))
            continue;
        taken = std::move(with_it);
        allowed.push_back(job);
    }
    std::ranges::sort(allowed, {}, &PreemptibleJob::job);
    return allowed;
}

std::optional<Eviction> Victims::find_within_limit(const PoolPlan& plan) const {
    Eviction eviction;
    Jobs victims;
    const auto jobs = world_.preemptible().in(plan.center().id, plan.pool().name);
    for (const PreemptibleJob* job : least_first(each_by_itself(jobs))) {
        if (!is_lesser_of_own_queue(*job)) continue;
        victims.push_back(job);
        eviction.victims.push_back(job->job);
        eviction.chips_milli += job->chips_milli;
        if (!is_enough(victims)) continue;
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

bool Victims::is_lesser_of_own_queue(const PreemptibleJob& job) const {
    return job.queue == seeker_.need.queue && job.priority < seeker_.priority;
}

// And the job itself then stays within limits, and leaves what is owed to others.
bool Victims::is_enough(const Jobs& victims) const {
    Taken taken;
    std::int64_t all = 0;
    for (const PreemptibleJob* job : victims) {
        take(*job, taken);
        all += job->chips_milli;
    }
    for (const PreemptibleJob* job : victims) {
        if (!is_lesser_of_own_queue(*job) && !leaves_guarantees(job->queue, lookup(taken)))
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

void Victims::take(const PreemptibleJob& job, Taken& taken) const {
    for (QueueId at = job.queue; at; at = use_.parent(at)) taken[at] += job.chips_milli;
}

Victims::Standings Victims::standings_of(const Jobs& allowed) const {
    Standings standings;
    standings.reserve(allowed.size());
    for (const PreemptibleJob* job : allowed) {
        standings[job->job] = {.may_be_stopped = true,
                               .importance = static_cast<std::int64_t>(job->priority),
                               .chips_milli = job->chips_milli,
                               .ran = now_ - job->placed};
    }
    return standings;
}

// What is claimed, or was placed in this round, is neither.
Standing Victims::standing_of(JobId id, const Standings& allowed) const {
    if (const Standing* known = allowed.find(id)) return *known;
    return {.is_stopping = stopped_.contains(id) || world_.is_stopping(id)};
}

}  // namespace dayu::sched
