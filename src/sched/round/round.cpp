#include "sched/round/round.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "sched/market.h"
#include "sched/quote.h"
#include "sched/wide.h"

namespace dayu::sched {
namespace {

// How often a round lets one wait for an offer that starts later, or some that are counted at once, at most.
constexpr std::size_t max_waits = 1024;
// Classes that a round weighs although nothing is free for them, at most: a class behind them is weighed
// only when it could start somewhere.
constexpr std::size_t max_waiting_classes = 128;
// A job that a quota holds up lets smaller ones pass for so long. Then they wait behind it.
constexpr Duration quota_patience = seconds(12 * 3600);

const Offer* find_offer(const ShapeOffers& offers, std::uint32_t pool, std::uint32_t choice) {
    const auto found =
        std::ranges::find(offers.offers, std::pair{pool, choice},
                          [](const Offer& offer) { return std::pair{offer.pool, offer.choice}; });
    return found == offers.offers.end() ? nullptr : &*found;
}

bool starts_now(const PoolPlan& plan, const Offer& offer, const JobSpec& spec, Time now) {
    return is_open(plan, spec) && plan.starts_now(stay_of(offer, spec), now);
}

}  // namespace

Round::Round(World& world, const Policy& policy, OfferBook& book, Advice& advice, Time now,
             Work work)
    : world_(world),
      policy_(policy),
      book_(book),
      now_(now),
      work_(work),
      memory_(book.memory()),
      plans_(memory_.plans.begin(world)),
      ground_{.world = world, .policy = policy, .now = now, .plans = plans_},
      advised_(advice, plans_, now),
      use_(memory_.use),
      classes_(memory_.classes),
      is_done_(memory_.is_done),
      progress_(memory_.progress),
      allowances_(memory_.allowances),
      rights_(memory_.rights) {
    memory_.begin(world.waiting());
}

Round::~Round() { memory_.forget(); }

Decisions Round::run() {
    if (const auto wakes = world_.next_wake(now_)) wake_at(*wakes);
    ground_.has_choice = !world_.claims().empty();  // a table may be asked of whom they are for
    find_open_classes();
    const bool may_take_from_others = !world_.preemptible().empty() && !classes_.empty();
    if (open_classes_ > 0 || may_take_from_others || !world_.claims().empty()) {
        use_ = world_.queues().use();
        has_searched_.resize(use_.size());
        decisions_.unfinished =
            !(take_up_claims() && serve(Pass::guaranteed) && serve(Pass::all)) || claims_go_on();
    }
    decisions_.classes.reserve(decided_.size());
    for (const JobClassId id : decided_) {
        GrowingDecision& decision = *classes_[id.value].decision;
        const ShapeId shape = world_.waiting().job_class(id).shape;
        decisions_.classes.push_back(
            std::move(decision).finish(world_, plans_, shape, policy_, now_));
    }
    decisions_.stale += advised_.gone();
    return std::move(decisions_);
}

void Round::wake_at(Time time) {
    if (!decisions_.wake_at || time < *decisions_.wake_at) decisions_.wake_at = time;
}

void Round::find_open_classes() {
    const auto classes = world_.waiting().classes();
    for (std::uint32_t i = 0; i < classes.size(); ++i) {
        if (classes[i].waiting == 0) continue;
        ClassState& one = know({i});
        ground_.has_choice = ground_.has_choice || one.offers->offers.size() > 1;
        one.is_open = anything_starts(*one.offers, plans_, classes[i].spent, now_);
        if (!one.is_open) continue;
        one.may_start = classes[i].waiting;
        ++open_classes_;
    }
    startable_ = open_classes_;
}

void Round::find_entrants(Pass pass) {
    memory_.entrants.clear();
    for (std::uint32_t i = 0; i < use_.size(); ++i) {
        const auto heads = world_.waiting().heads({i});
        if (heads.empty()) continue;
        if (pass == Pass::guaranteed && !use_.has_unused_guarantee({i})) continue;
        memory_.entrants.push_back({.queue = {i}, .first = heads.front().rank});
    }
}

// Nobody who is left could start: what else the round would find out changes nothing.
bool Round::is_over() const { return startable_ == 0 && world_.preemptible().empty(); }

void Round::finish_class(JobClassId id) {
    is_done_[id.value] = true;
    if (std::exchange(classes_[id.value].may_start, 0) > 0) --startable_;
}

// False: the work has run out.
bool Round::serve(Pass pass) {
    find_entrants(pass);
    const std::span<const FairOrder::Entrant> waiting = memory_.entrants;
    if (waiting.empty()) return true;
    // Who waits alone is the next, whatever was used in the past.
    if (past_.empty() && waiting.size() > 1) past_ = world_.queues().past(now_);
    FairOrder& order = memory_.order;
    order.begin(use_, past_, waiting);
    memory_.cursors.resize(use_.size());
    for (const FairOrder::Entrant& one : waiting)
        memory_.cursors[one.queue.value].begin(world_.waiting(), one.queue);
    while (!is_over()) {
        const auto queue = order.next();
        if (!queue) break;
        QueueCursor& cursor = memory_.cursors[queue->value];
        const bool may_take = may_preempt(*queue, Priority::urgent);
        const auto head = cursor.next(progress_, [&](const Head& of) {
            if (!is_done_[of.job_class.value]) return false;
            return !may_take || !may_preempt(*queue, of.priority);
        });
        if (!head) {
            order.drop();
            continue;
        }
        dealt_with_ = 1;
        const Outcome outcome = consider({.queue = *queue, .head = *head, .pass = pass});
        if (outcome == Outcome::work_done) return false;
        if (outcome == Outcome::placed) order.charge(charged_);
        if (outcome == Outcome::placed || outcome == Outcome::passed) {
            std::uint32_t& done = progress_[head->lane.value];
            if (std::exchange(done, done + dealt_with_) == 0) memory_.begun.push_back(head->lane);
            cursor.resume(*head, progress_);
        }
    }
    return true;
}

Round::Outcome Round::consider(const Asker& asker) {
    ClassState& one = ask(asker.head.job_class);
    const auto claims = [&] {
        return claim_for(asker, one) ? Outcome::passed : Outcome::lane_done;
    };
    if (is_done_[asker.head.job_class.value]) return claims();
    while (true) {
        find_rights(asker, one);
        const Row best = one.options.best(rights_);
        if (best.offer == nullptr) {
            if (one.options.empty()) finish_class(asker.head.job_class);
            hold_back(asker, one);
            return claims();
        }
        const std::uint32_t choice = best.offer->choice;
        if (asker.pass == Pass::guaranteed && !allowances_[choice].guarantor)
            return Outcome::lane_done;  // its turn comes with all the others
        if (best.room > now_) {
            one.is_open = one.is_open && one.options.anything_starts_now();
            return !one.is_open && claim_for(asker, one) ? Outcome::passed : wait(asker, one, best);
        }
        if (rights_[choice] == Right::later) {
            hold_back(asker, one);
            return claims();
        }
        if (one.options.would_rather_wait(best, rights_)) {
            return advised_.is_about(shape_of(asker)) ? follow_advice(asker, one)
                                                      : wait_unplanned(asker);
        }
        if (const auto outcome = place(asker, one, best)) return *outcome;
        one.options.shut(choice);
    }
}

ClassState& Round::know(JobClassId id) {
    ClassState& one = classes_[id.value];
    if (one.offers != nullptr) return one;
    one.offers = &book_.of(world_, policy_, world_.waiting().job_class(id).shape);
    memory_.known.push_back(id);
    return one;
}

// A class for which nothing is free is weighed only as long as that may keep nodes for it.
ClassState& Round::ask(JobClassId id) {
    ClassState& one = know(id);
    if (one.needs.empty()) {
        for (const JobSpec& spec : one.offers->choices.specs) {
            one.needs.push_back({.queue = {},
                                 .chip = world_.queues().find_chip(spec.resources.chip),
                                 .milli = spec.nodes * spec.resources.chips_milli,
                                 .preemptible = spec.preemptible});
        }
    }
    if (one.has_options || is_done_[id.value]) return one;
    if (!one.is_open) {
        const bool may_wait = open_classes_ > 0 && ground_.may_wait;
        if (!may_wait || ++waiting_classes_ > max_waiting_classes) finish_class(id);
    }
    if (!is_done_[id.value]) options_of(id);
    return one;
}

ClassOptions& Round::options_of(JobClassId id) {
    ClassState& one = know(id);
    if (!one.has_options) {
        one.has_options = true;
        const JobClass& job_class = world_.waiting().job_class(id);
        const auto beyond = advised_.is_about(job_class.shape) ? ClassOptions::Beyond::advised
                                                               : ClassOptions::Beyond::estimated;
        one.options.begin(ground_, *one.offers, job_class.spent, beyond);
    }
    return one.options;
}

// Nothing where the policy found no nodes there after all: there may be another offer.
std::optional<Round::Outcome> Round::place(const Asker& asker, ClassState& one, const Row& best) {
    const JobClassId id = asker.head.job_class;
    if (has_run_out(id)) return Outcome::work_done;
    PoolPlan& plan = plans_[best.offer->pool];
    const JobSpec& chosen = spec(one, best.offer->choice);
    const Stay stay = stay_of(*best.offer, chosen);
    auto shares = plan.choose_nodes(policy_, stay, now_);
    if (!shares) return std::nullopt;
    CHECK(std::ssize(*shares) == chosen.nodes);
    const JobId job = asker.head.rank.job;
    record(id, job, best, *shares);
    plan.place(job, *std::move(shares), now_ + stay.length);
    charge(asker, one, *best.offer);
    if (one.may_start > 0 && --one.may_start == 0) --startable_;
    return Outcome::placed;
}

bool Round::has_run_out(JobClassId id) const {
    return placed_ == work_.placements ||
           (!classes_[id.value].decision && decided_.size() == work_.classes);
}

void Round::record(JobClassId id, JobId job, const Row& offer, std::vector<NodeShare> nodes) {
    ClassState& one = classes_[id.value];
    if (!one.decision) {
        decided_.push_back(id);
        one.decision.emplace(*one.offers, world_.waiting().job_class(id).spent,
                             options_of(id).best_rows(offers_on_record));
    }
    one.decision->place(job, offer, std::move(nodes));
    ++placed_;
}

void Round::charge(const Asker& asker, const ClassState& one, const Offer& offer) {
    const JobSpec& chosen = spec(one, offer.choice);
    const Need taken = need(asker, one, offer.choice);
    charged_ = price_per_hour(plans_[offer.pool].pool(), taken.milli,
                              chosen.nodes * chosen.resources.cpus);
    use_.take(asker.queue, taken.chip, taken.milli, charged_);
    if (free_milli_) (*free_milli_)[taken.chip.value] -= taken.milli;
}

Round::Outcome Round::wait(const Asker& asker, ClassState& one, const Row& best) {
    PoolPlan& plan = plans_[best.offer->pool];
    const Stay stay = stay_of(*best.offer, spec(one, best.offer->choice));
    if (plan.is_planned_out()) {
        const auto left = static_cast<std::int64_t>(world_.waiting().lane(asker.head.lane).size() -
                                                    progress_[asker.head.lane.value]);
        dealt_with_ = static_cast<std::uint32_t>(std::min(plan.counted_at_once(), left));
        plan.count(stay, dealt_with_);
    } else if (ground_.has_choice) {
        plan.plan(stay, now_);
    } else {
        plan.reserve(stay, now_);
    }
    if (++waits_ == max_waits) stop_waiting();
    // The next of the class may find that a place that is free now beats waiting behind this one.
    if (one.is_open && one.options.anything_starts_now()) return Outcome::passed;
    return done(asker);
}

// From here on a job that would have to wait is thought to wait for as long as jobs do in the mean.
void Round::stop_waiting() {
    ground_.may_wait = false;
    Backlog backlog;
    const auto add = [](Money& sum, std::optional<std::int64_t> micro_yuan) {
        sum = {saturating_sum({sum.micro_yuan, micro_yuan})};
    };
    const auto classes = world_.waiting().classes();
    for (std::uint32_t i = 0; i < classes.size(); ++i) {
        const auto jobs = static_cast<std::int64_t>(classes[i].waiting);
        if (jobs == 0 || know({i}).offers->offers.empty()) continue;
        add(backlog.waits,
            product_over({know({i}).offers->offers.front().objective.micro_yuan, jobs}, 1));
    }
    for (const PoolPlan& plan : plans_) {
        const Pool& pool = plan.pool();
        if (plan.center().closed) continue;
        const std::int64_t nodes = plan.view().free().open_nodes();
        add(backlog.earns,
            price_per_hour(pool, nodes * pool.chips_per_node * 1000, nodes * pool.cpus_per_node)
                .micro_yuan);
    }
    ground_.mean_wait = mean_wait(backlog);
}

// What is free is not worth its price: nor is it to the others of the class, which are as it is.
Round::Outcome Round::wait_unplanned(const Asker& asker) {
    const bool any_queue_would =
        std::ranges::all_of(rights_, [](const Right right) { return right == Right::now; });
    return any_queue_would ? done(asker) : Outcome::lane_done;
}

// With its class, for this round.
Round::Outcome Round::done(const Asker& asker) {
    finish_class(asker.head.job_class);
    return Outcome::class_done;
}

// The round can plan no more: how long the job would wait for the place that it would rather have is not known here. The
// optimum has counted all who wait, and says for how many of them which other place is worth it.
Round::Outcome Round::follow_advice(const Asker& asker, ClassState& one) {
    const Money spent = world_.waiting().job_class(asker.head.job_class).spent;
    bool is_used_up = true;
    for (const auto& [start, pool, choice] : advised_.of(shape_of(asker))) {
        if (start->jobs == 0) continue;
        const Offer* offer = find_offer(*one.offers, pool, choice);
        const bool may = rights_[choice] == Right::now &&
                         (asker.pass == Pass::all || allowances_[choice].guarantor);
        if (!may || (offer != nullptr && !is_affordable(*offer, spec(one, choice), spent))) {
            is_used_up = false;
            continue;
        }
        std::optional<Outcome> outcome;
        if (offer != nullptr && starts_now(plans_[pool], *offer, spec(one, choice), now_))
            outcome =
                place(asker, one, {.offer = offer, .room = now_, .objective = offer->objective});
        if (outcome == Outcome::placed) {
            --start->jobs;
            ++decisions_.advised;
        }
        if (outcome) return *outcome;
        decisions_.stale += std::exchange(start->jobs, 0);
    }
    return is_used_up ? done(asker) : Outcome::lane_done;
}

ShapeId Round::shape_of(const Asker& asker) const {
    return world_.waiting().job_class(asker.head.job_class).shape;
}

Need Round::need(const Asker& asker, const ClassState& one, std::uint32_t choice) const {
    Need need = one.needs[choice];
    need.queue = asker.queue;
    return need;
}

void Round::find_rights(const Asker& asker, const ClassState& one) {
    allowances_.clear();
    rights_.clear();
    for (std::uint32_t choice = 0; choice < one.needs.size(); ++choice) {
        const Need wanted = need(asker, one, choice);
        Allowance& allowance = allowances_.emplace_back(use_.allowance(wanted));
        if (!allowance.guarantor && !held_.empty()) {
            const Held& held = held_[wanted.chip.value];
            allowance.owed_milli += wanted.preemptible ? held.from_preemptible : held.from_others;
        }
        Right right = Right::now;
        if (allowance.over_limit) {
            right = Right::none;
        } else if (allowance.owed_milli > 0) {
            const std::int64_t beyond = free_milli(wanted.chip) - allowance.owed_milli;
            right = beyond >= wanted.milli ? Right::now : beyond >= 0 ? Right::later : Right::none;
        }
        rights_.push_back(right);
    }
}

std::int64_t Round::free_milli(ChipId chip) {
    if (!free_milli_) {
        free_milli_.emplace(world_.queues().chips());
        for (const PoolPlan& plan : plans_) {
            if (plan.center().closed) continue;
            (*free_milli_)[world_.queues().find_chip(plan.pool().chip).value] +=
                plan.view().free().total().free_chips_milli;
        }
    }
    return (*free_milli_)[chip.value];
}

// A quota keeps the job from starting, or some of what it may be placed as. When it has waited long, others behind
// it leave the room to it that it waits for.
void Round::hold_back(const Asker& asker, const ClassState& one) {
    if (now_ - submitted_at(asker.head.rank.at, asker.head.priority) < quota_patience) return;
    for (std::uint32_t choice = 0; choice < one.needs.size(); ++choice) {
        const Need wanted = need(asker, one, choice);
        const Allowance& allowance = allowances_[choice];
        if (allowance.over_limit) {
            const QueueId limited = *allowance.over_limit;
            // What never fits must not stop the others for ever.
            if (wanted.milli <= use_.quota(limited, wanted.chip).limit_milli)
                use_.close(limited, wanted.chip);
        } else if (rights_[choice] != Right::now) {
            held_.resize(world_.queues().chips());
            Held& held = held_[wanted.chip.value];
            held.from_others += wanted.milli;
            if (wanted.preemptible) held.from_preemptible += wanted.milli;
        }
    }
}

}  // namespace dayu::sched
