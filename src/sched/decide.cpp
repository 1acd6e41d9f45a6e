// One round. Jobs come first come first served, by id, over all classes: a heap holds the first job of
// each class. A job takes the offer with the smallest objective; where that one starts later, the job
// waits for it and is planned there (round/pool_plan.h). Within a round capacity only shrinks, so that a
// class that found nothing to start is not asked again.
#include "sched/decide.h"

#include <algorithm>
#include <queue>

#include "base/check.h"
#include "sched/round/options.h"
#include "sched/round/rules.h"

namespace dayu::sched {
namespace {

// Waiting jobs that a round plans, at most: who comes behind them waits unplanned.
constexpr std::size_t max_planned_jobs = 1024;
// Classes that a round weighs although nothing is free for them, at most: a class behind them is weighed
// only when it could start somewhere.
constexpr std::size_t max_waiting_classes = 128;

struct ClassRound {
    ShapeId shape;
    const JobSpec* spec = nullptr;
    std::map<JobId, QueuedJob>::const_iterator next, end;
    bool waits = false;
    std::optional<Choices> choices;  // once they were weighed
    std::vector<Option> options;     // in the table's order, once there is a table
    std::optional<std::size_t> decision;
};

// The first of the class's jobs, from `next` on, whose time has come.
bool step_to_due(ClassRound& one, Time now) {
    while (one.next != one.end && one.next->second.not_before > now) ++one.next;
    return one.next != one.end;
}

class Round {
   public:
    Round(const World& world, const Policy& policy, Time now, Work work)
        : world_(world), policy_(policy), now_(now), work_(work), plans_(plan_pools(world)) {}

    Decisions run();

   private:
    enum class Outcome : std::uint8_t { next_job, class_done, work_done };

    Outcome consider(ClassRound& one, const QueuedJob& job);
    bool weigh_class(ClassRound& one);
    Option* best_affordable(ClassRound& one, const QueuedJob& job);
    Outcome place(ClassRound& one, const QueuedJob& job, Option& best);
    Outcome wait(ClassRound& one, const Option& best);
    void open_decision(ClassRound& one);
    bool can_start_somewhere(const Choices& choices) const;

    const World& world_;
    const Policy& policy_;
    const Time now_;
    const Work work_;
    std::vector<PoolPlan> plans_;
    std::size_t placed_ = 0;
    std::size_t planned_ = 0;
    std::size_t waiting_classes_ = 0;
    Decisions decisions_;
};

Decisions Round::run() {
    std::vector<ClassRound> classes;
    for (const auto& [shape, queue] : world_.classes()) {
        ClassRound one{.shape = shape,
                       .spec = &queue.spec,
                       .next = queue.ready.begin(),
                       .end = queue.ready.end(),
                       .choices = {},
                       .options = {},
                       .decision = {}};
        if (step_to_due(one, now_)) classes.push_back(std::move(one));
    }
    using Head = std::pair<JobId, std::size_t>;
    std::priority_queue<Head, std::vector<Head>, std::greater<>> heads;
    for (std::size_t i = 0; i < classes.size(); ++i) heads.emplace(classes[i].next->first, i);

    while (!heads.empty()) {
        const std::size_t i = heads.top().second;
        ClassRound& one = classes[i];
        heads.pop();
        const Outcome outcome = consider(one, one.next->second);
        if (outcome == Outcome::work_done) {
            decisions_.unfinished = true;
            break;
        }
        ++one.next;
        if (outcome == Outcome::next_job && step_to_due(one, now_)) {
            heads.emplace(one.next->first, i);
        } else {
            one.choices.reset();
            one.options = {};  // a thousand classes may pass by in one round
        }
    }
    decisions_.wake_at = world_.next_wake(now_);
    return std::move(decisions_);
}

Round::Outcome Round::consider(ClassRound& one, const QueuedJob& job) {
    if (!one.choices && !weigh_class(one)) return Outcome::class_done;
    while (Option* best = best_affordable(one, job)) {
        if (best->offer.start > now_) return wait(one, *best);
        const Outcome outcome = place(one, job, *best);
        if (!best->closed) return outcome;
    }
    // Nothing that this one can pay: another of its class may have spent less.
    return one.options.empty() ? Outcome::class_done : Outcome::next_job;
}

bool Round::weigh_class(ClassRound& one) {
    Choices choices(*one.spec);
    if (waiting_classes_ >= max_waiting_classes && !can_start_somewhere(choices)) return false;
    one.options = weigh_options(world_, plans_, policy_, choices, now_);
    one.choices = std::move(choices);
    return true;
}

bool Round::can_start_somewhere(const Choices& choices) const {
    return std::ranges::any_of(choices.specs, [&](const JobSpec& spec) {
        const Chip* chip = find_chip(world_, spec);
        return std::ranges::any_of(plans_, [&](const PoolPlan& plan) {
            const CenterView& center = plan.center();
            return !center.closed && plan.starts_now(spec, now_) &&
                   !first_broken({center.center, plan.pool(), chip, spec});
        });
    });
}

Option* Round::best_affordable(ClassRound& one, const QueuedJob& job) {
    const std::optional<Money>& max_price = one.spec->placement.max_price;
    Option* best = nullptr;
    for (Option& option : one.options) {
        if (option.closed) continue;
        if (max_price &&
            option.offer.price.micro_yuan > max_price->micro_yuan - job.spent.micro_yuan) {
            continue;
        }
        refresh(option, plans_[option.pool], policy_, one.choices->specs[option.choice], now_);
        const auto rank = [](const Option& of) {
            return std::tuple{of.offer.objective, of.pool, of.choice};
        };
        if (best == nullptr || rank(option) < rank(*best)) best = &option;
    }
    return best;
}

Round::Outcome Round::place(ClassRound& one, const QueuedJob& job, Option& best) {
    const bool opens_class = !one.decision;
    if (placed_ == work_.placements) return Outcome::work_done;
    if (opens_class && decisions_.classes.size() == work_.classes) return Outcome::work_done;
    PoolPlan& plan = plans_[best.pool];
    const JobSpec& spec = one.choices->specs[best.choice];
    auto shares = policy_.choose_nodes(plan.pool(), plan.nodes(), spec);
    if (!shares) {
        best.closed = true;
        return Outcome::next_job;
    }
    CHECK(std::ssize(*shares) == spec.nodes);
    const std::pair place{best.pool, best.choice};
    const Money price = best.offer.price;
    if (opens_class) open_decision(one);
    const auto row = std::ranges::find(one.options, place, [](const Option& option) {
        return std::pair{option.pool, option.choice};
    });
    ++placed_;
    plan.place(*shares, now_ + spec.time_limit);
    decisions_.classes[*one.decision].placements.push_back(
        {.job = job.job,
         .candidate = static_cast<std::size_t>(row - one.options.begin()),
         .nodes = std::move(*shares),
         .price_at_most = price});
    return Outcome::next_job;
}

// The table of a class is the one that its first placement was chosen from. Later ones of the round point
// into it too: what starts now then did so at its time as well.
void Round::open_decision(ClassRound& one) {
    for (Option& option : one.options) {
        refresh(option, plans_[option.pool], policy_, one.choices->specs[option.choice], now_);
    }
    sort_options(one.options);
    one.decision = decisions_.classes.size();
    CandidateTable table = make_table(world_, plans_, policy_, *one.choices, one.options, now_);
    table.shape = one.shape;
    decisions_.classes.push_back({.table = std::move(table), .placements = {}});
}

Round::Outcome Round::wait(ClassRound& one, const Option& best) {
    if (!one.waits) ++waiting_classes_;
    one.waits = true;
    if (planned_ == max_planned_jobs) return Outcome::class_done;
    ++planned_;
    plans_[best.pool].plan(policy_, one.choices->specs[best.choice], best.offer.start, now_);
    // The next of the class may find that a place that is free now beats waiting behind this one.
    const bool anything_free = std::ranges::any_of(one.options, [&](const Option& option) {
        return !option.closed && option.offer.start == now_;
    });
    return anything_free ? Outcome::next_job : Outcome::class_done;
}

}  // namespace

Decisions decide(const World& world, const Policy& policy, Time now, Work work) {
    return Round(world, policy, now, work).run();
}

}  // namespace dayu::sched
