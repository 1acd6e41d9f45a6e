// Why a job waits, told from the same table that a round would weigh for it: nothing here is guessed.
#include <algorithm>

#include <fmt/core.h>

#include "sched/advice.h"
#include "sched/answer/ahead.h"
#include "sched/answer/hints.h"
#include "sched/decide.h"
#include "sched/quote.h"
#include "sched/round/pool_plan.h"
#include "sched/round/rules.h"

namespace dayu::sched {
namespace {

constexpr std::size_t queues_named = 3;

const Candidate* best_offer(const CandidateTable& table) {
    const bool has_one = !table.candidates.empty() && !table.candidates.front().refusal;
    return has_one ? &table.candidates.front() : nullptr;
}

// "4/8 centers: ChipNotHere, 1/8 centers: RegionNotAllowed", the commonest first.
std::string count_refusals(const CandidateTable& table) {
    std::vector<RefusalCount> counts = table.refusals;
    std::ranges::sort(counts, {},
                      [](const RefusalCount& one) { return std::pair{-one.centers, one.code}; });
    std::string text;
    for (const RefusalCount& one : counts) {
        text += fmt::format("{}{}/{} centers: {}", text.empty() ? "" : ", ", one.centers,
                            table.centers, one.code);
    }
    return text;
}

// Of several refusals the one that is nearest to running gives the reason.
Reason nearest_reason(const CandidateTable& table) {
    if (table.candidates.empty())
        return Reason::waiting_for_capacity;  // for a first centre to join
    for (const Reason reason : {Reason::waiting_for_capacity, Reason::budget_exhausted,
                                Reason::policy_forbidden, Reason::misconfigured}) {
        if (std::ranges::find(table.refusals, reason, &RefusalCount::tier) != table.refusals.end())
            return reason;
    }
    return Reason::never_fits;
}

std::int64_t free_milli(const World& world, const std::string& chip) {
    std::int64_t free = 0;
    for (const auto& [id, center] : world.centers()) {
        if (center.closed) continue;
        for (const auto& [name, pool] : center.pools) {
            if (pool.pool().chip == chip) free += pool.free().total().free_chips_milli;
        }
    }
    return free;
}

// What the quotas have against the job in that place, in words; nothing where they let it start.
std::optional<std::string> held_up_by_quota(const World& world, JobId job, const JobSpec& spec,
                                            std::vector<std::string>& hints) {
    const QueueTree& queues = world.queues();
    const std::string& chip = spec.resources.chip;
    if (chip.empty()) return std::nullopt;
    const Need need{.queue = world.waiting().queue_of(job),
                    .chip = queues.find_chip(chip),
                    .milli = spec.nodes * spec.resources.chips_milli,
                    .preemptible = spec.preemptible};
    const Allowance allowance = queues.use().allowance(need);
    if (allowance.over_limit) {
        return fmt::format(
            "queue {} may have {} {}, uses {}, and it wants {}", queues.path(*allowance.over_limit),
            chips(queues.use().quota(*allowance.over_limit, need.chip).limit_milli), chip,
            chips(queues.use().used_milli(*allowance.over_limit, need.chip)), chips(need.milli));
    }
    if (allowance.owed_milli == 0) return std::nullopt;
    const std::int64_t free = free_milli(world, chip);
    if (free - allowance.owed_milli >= need.milli) return std::nullopt;
    if (!spec.preemptible)
        hints.emplace_back("may borrow what is guaranteed to others if it is preemptible");
    return fmt::format("of {} {} that are free {} are {} to others, and it wants {}", chips(free),
                       chip, chips(allowance.owed_milli), spec.preemptible ? "kept" : "guaranteed",
                       chips(need.milli));
}

// "12 ahead: 7 in acme/vision, 5 in acme/poems".
std::string tell_ahead(const Explanation& explanation) {
    std::string text = fmt::format("{} ahead", explanation.ahead);
    const auto& queues = explanation.queues_ahead;
    if (queues.size() < 2) return text;
    for (std::size_t i = 0; i < std::min(queues.size(), queues_named); ++i)
        text += fmt::format("{} {} in {}", i == 0 ? ":" : ",", queues[i].jobs, queues[i].queue);
    if (queues.size() > queues_named)
        text += fmt::format(" and the rest in {} more", queues.size() - queues_named);
    return text;
}

std::string tell_waiting(const Explanation& explanation, const Candidate& best, Time now) {
    const std::string place = best.center_name + "/" + best.pool;
    if (explanation.reason == Reason::begin_time) {
        return fmt::format("held back until {}; then {} is its best place",
                           to_string(*explanation.start), place);
    }
    if (explanation.reason == Reason::pending_evaluation)
        return fmt::format("fits {} now: the next round places it", place);
    const std::string ahead = tell_ahead(explanation);
    if (best.start <= now) return fmt::format("waits for {}, {}", place, ahead);
    return fmt::format("waits for {}, {}; room {} {}", place, ahead, in_words(best.start - now),
                       explanation.basis);
}

// The best of the offers that has room at once.
const Candidate* free_now(const World& world, const CandidateTable& table, const JobSpec& spec,
                          Time now) {
    for (const Candidate& one : table.candidates) {
        if (one.refusal) break;
        const Center& center = world.centers().at(one.center).center;
        if (one.start - moving_to(center, spec, world.datasets()).takes <= now) return &one;
    }
    return nullptr;
}

// Behind those whom a round plans, jobs of a class that the optimum has weighed start elsewhere only as it advises.
std::string tell_advice(const World& world, const Advice& advice, const QueuedJob& job, Time now,
                        const Explanation& explanation) {
    const bool is_planned = explanation.ahead < std::int64_t{PoolPlan::max_planned};
    if (is_planned || now > advice.until || !advice.is_about(job.shape)) return {};
    const Candidate* other = free_now(world, explanation.table, world.spec_of(job.shape), now);
    if (other == nullptr) return {};
    std::int64_t starts = 0;
    for (const Start& start : advice.starts) starts += start.shape == job.shape ? start.jobs : 0;
    if (starts > 0)
        return fmt::format("; the optimum advises that {} like it start elsewhere now", starts);
    return fmt::format(
        "; {}/{} is free, but the optimum advises to wait: it is not worth its price",
        other->center_name, other->pool);
}

void explain_refused(Explanation& explanation) {
    explanation.reason = nearest_reason(explanation.table);
    explanation.can_ever_run = explanation.reason == Reason::waiting_for_capacity;
    const std::string counts = count_refusals(explanation.table);
    explanation.text = fmt::format("{}: {}", explanation.can_ever_run ? "waits" : "can never run",
                                   counts.empty() ? "no centre has joined" : counts);
}

void explain_waiting(const World& world, const Advice& advice, const QueuedJob& job,
                     const Candidate& best, Time now, Explanation& explanation) {
    explanation.start = std::max(best.start, job.not_before);
    explanation.basis = "by the time limits of what runs there";
    explanation.queues_ahead = jobs_ahead(world, best, job.job, now);
    for (const QueueAhead& queue : explanation.queues_ahead) explanation.ahead += queue.jobs;
    const JobSpec spec = spec_of(world.spec_of(job.shape), best.variant);
    const auto quota = held_up_by_quota(world, job.job, spec, explanation.hints);
    const bool is_free = best.start <= now && explanation.ahead == 0;
    explanation.reason = job.not_before > now ? Reason::begin_time
                         : quota              ? Reason::quota_exceeded
                         : is_free            ? Reason::pending_evaluation
                                              : Reason::waiting_for_capacity;
    if (explanation.reason != Reason::quota_exceeded) {
        explanation.text = tell_waiting(explanation, best, now);
        if (explanation.reason == Reason::waiting_for_capacity)
            explanation.text += tell_advice(world, advice, job, now, explanation);
        return;
    }
    explanation.start.reset();  // when others give back is not known
    explanation.text = "waits: " + *quota;
}

void explain_claim(const World& world, const ClaimedNodes& claim, Explanation& explanation) {
    const CenterView& center = world.centers().at(claim.place.center);
    explanation.reason = Reason::waiting_for_preemption;
    explanation.text = fmt::format(
        "nodes of {}/{} are kept for it until {}: it starts there as soon as what was asked to "
        "stop "
        "for it has gone",
        center.center.name, claim.place.pool, to_string(claim.until));
}

}  // namespace

Explanation explain(const World& world, const Policy& policy, const Advice& advice, JobId job,
                    Time now) {
    Explanation explanation;
    const std::optional<QueuedJob> queued = world.find_queued(job);
    if (!queued) {
        explanation.reason = Reason::none;
        explanation.text = "does not wait: it is not in the queue";
        return explanation;
    }
    const JobSpec& spec = world.spec_of(queued->shape);
    explanation.table = weigh(world, policy, spec, now, queued->spent);
    explanation.table.shape = queued->shape;
    if (const auto claim = world.claims().find(job); claim != world.claims().end()) {
        explain_claim(world, claim->second, explanation);
        return explanation;
    }
    const Candidate* best = best_offer(explanation.table);
    if (best == nullptr) {
        explain_refused(explanation);
    } else {
        explain_waiting(world, advice, *queued, *best, now, explanation);
    }
    if (explanation.reason != Reason::begin_time) {
        const auto more = hints({.world = world,
                                 .policy = policy,
                                 .spec = spec,
                                 .job = *queued,
                                 .now = now,
                                 .start = explanation.start});
        explanation.hints.insert(explanation.hints.end(), more.begin(), more.end());
    }
    return explanation;
}

Explanation explain(const World& world, const Policy& policy, JobId job, Time now) {
    return explain(world, policy, Advice{}, job, now);
}

}  // namespace dayu::sched
