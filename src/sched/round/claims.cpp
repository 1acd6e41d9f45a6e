// Nodes that are kept for a job until what stands in its way has stopped: claims that a round makes, and those that
// it takes up or lets go.
#include <algorithm>

#include "sched/quote.h"
#include "sched/round/preempt.h"
#include "sched/round/round.h"

namespace dayu::sched {
namespace {

// Jobs for which a round looks for victims, and pools in which it looks for one of them, at most.
constexpr std::size_t max_searches = 16;
constexpr std::size_t pools_a_search = 8;
// What a claim lasts, beyond the time that its victims have to stop.
constexpr Duration claim_margin = seconds(300);

}  // namespace

// False: the work has run out.
bool Round::take_up_claims() {
    for (const auto& [job, claim] : world_.claims()) {
        const auto waiting = world_.waiting().find(job);
        if (!waiting) continue;  // it goes with its job
        const CenterView& center = world_.centers().at(claim.place.center);
        if (claim.until <= now_ || center.closed) {
            decisions_.lapsed.push_back(job);
        } else if (waiting->not_before <= now_ && is_ready(claim)) {
            if (has_run_out(world_.waiting().class_of(job))) return false;
            if (!take_up(job, claim)) decisions_.lapsed.push_back(job);
        } else {
            wake_at(claim.until);
        }
    }
    return true;
}

// What stood in its way has gone, and left room within the limits too.
bool Round::is_ready(const ClaimedNodes& claim) const {
    const PoolView& pool = world_.centers().at(claim.place.center).pools.at(claim.place.pool);
    if (!pool.is_ready(claim.place.nodes)) return false;
    const ChipId chip = world_.queues().find_chip(pool.pool().chip);
    for (QueueId at = *world_.queues().find(claim.place.queue); at; at = use_.parent(at)) {
        if (use_.used_milli(at, chip) > use_.quota(at, chip).limit_milli) return false;
    }
    return true;
}

// False: the pool no longer takes the job, or not as it was claimed.
bool Round::take_up(JobId job, const ClaimedNodes& claim) {
    const JobClassId id = world_.waiting().class_of(job);
    ClassState& one = know(id);
    const auto choice = static_cast<std::uint32_t>(claim.variant.value_or(0));
    const auto offer = std::ranges::find_if(one.offers->offers, [&](const Offer& of) {
        const PoolPlan& plan = plans_[of.pool];
        return of.choice == choice && plan.center().id == claim.place.center &&
               plan.pool().name == claim.place.pool;
    });
    if (offer == one.offers->offers.end()) return false;
    const JobSpec& chosen = spec(one, choice);
    const auto is_as_asked = [&](const NodeShare& share) {
        return share == share_of(share.node, chosen.resources);
    };
    if (!is_affordable(*offer, chosen, world_.waiting().job_class(id).spent) ||
        std::ssize(claim.place.nodes) != chosen.nodes ||
        !std::ranges::all_of(claim.place.nodes, is_as_asked)) {
        return false;
    }
    record(id, job, {.offer = &*offer, .room = now_, .objective = offer->objective},
           claim.place.nodes);
    return true;
}

bool Round::may_preempt(QueueId queue, Priority priority) const {
    return searches_ < max_searches && !world_.preemptible().empty() &&
           !has_searched_[queue.value] &&
           (use_.has_unused_guarantee(queue) || world_.preemptible().has_below(queue, priority));
}

// Others may have as good a reason as those that were served.
bool Round::claims_go_on() const { return searches_ == max_searches && !decisions_.claims.empty(); }

// One search a queue and round: those behind the first that may take from others wait for their turn.
bool Round::claim_for(const Asker& asker, ClassState& one) {
    const Priority priority = asker.head.priority;
    if (!may_preempt(asker.queue, priority)) return false;
    find_rights(asker, one);
    const Money spent = world_.waiting().job_class(asker.head.job_class).spent;
    const bool has_lesser = world_.preemptible().has_below(asker.queue, priority);
    const Offer* best_offer = nullptr;
    std::optional<Eviction> best;
    std::size_t looked_at = 0;
    for (const Offer& offer : one.offers->offers) {
        if (looked_at == pools_a_search) break;
        const PoolPlan& plan = plans_[offer.pool];
        const JobSpec& chosen = spec(one, offer.choice);
        if (!(has_lesser || allowances_[offer.choice].guarantor) || !is_open(plan, chosen) ||
            !is_affordable(offer, chosen, spent) ||
            world_.preemptible().in(plan.center().id, plan.pool().name).empty()) {
            continue;
        }
        ++looked_at;
        auto found = find_victims(asker, one, offer);
        const auto harm = [](const Eviction& of) { return std::pair{of.chips_milli, of.lost}; };
        if (!found || (best && harm(*best) <= harm(*found))) continue;
        best = std::move(found);
        best_offer = &offer;
    }
    if (looked_at > 0) {
        ++searches_;
        has_searched_[asker.queue.value] = true;
    }
    if (best) claim(asker, one, *best_offer, *std::move(best));
    return best_offer != nullptr;
}

std::optional<Eviction> Round::find_victims(const Asker& asker, const ClassState& one,
                                            const Offer& offer) {
    const PoolPlan& plan = plans_[offer.pool];
    const JobSpec& chosen = spec(one, offer.choice);
    const Seeker seeker{.need = need(asker, one, offer.choice),
                        .priority = asker.head.priority,
                        .allowance = allowances_[offer.choice],
                        .free_milli = free_milli(one.needs[offer.choice].chip)};
    const Victims victims(world_, use_, stopped_, seeker, now_);
    const Stay stay = stay_of(offer, chosen);
    if (seeker.allowance.over_limit && plan.starts_now(stay, now_)) {
        auto found = victims.find_within_limit(plan);
        if (!found) return std::nullopt;
        const Stay with_claim{.spec = chosen, .length = claim_length(*found) + stay.length};
        if (auto nodes = plan.choose_nodes(policy_, with_claim, now_)) {
            found->nodes = *std::move(nodes);
            return found;
        }
    }
    return victims.find(plan, chosen);
}

// As long as its victims may take to stop, and a margin.
Duration Round::claim_length(const Eviction& eviction) const {
    Duration grace{};
    for (const JobId id : eviction.victims) grace = std::max(grace, world_.find_running(id)->grace);
    return grace + claim_margin;
}

void Round::claim(const Asker& asker, const ClassState& one, const Offer& offer,
                  Eviction eviction) {
    PoolPlan& plan = plans_[offer.pool];
    const JobSpec& chosen = spec(one, offer.choice);
    const Time until = now_ + claim_length(eviction);
    for (const JobId id : eviction.victims) {
        const RunningJob& victim = *world_.find_running(id);
        use_.change_leaving(*world_.queues().find(victim.queue), one.needs[offer.choice].chip,
                            chips_milli_of(victim));
        stopped_.insert(id);
    }
    Claim claim{.job = asker.head.rank.job,
                .center = plan.center().id,
                .pool = plan.pool().name,
                .nodes = eviction.nodes,
                .victims = std::move(eviction.victims),
                .until = until};
    if (one.offers->choices.are_variants) claim.variant = offer.choice;
    plan.claim(claim.job, std::move(eviction.nodes), until + stay_of(offer, chosen).length);
    charge(asker, one, offer);
    wake_at(until);
    decisions_.claims.push_back(std::move(claim));
}

}  // namespace dayu::sched
