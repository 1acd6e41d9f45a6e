#include "sched/round/class_options.h"

#include <algorithm>

namespace dayu::sched {
namespace {

// Later than now; for an offer that is compared with no other.
constexpr Time unasked = PoolView::never;

}  // namespace

void ClassOptions::begin(const Ground& ground, const ShapeOffers& offers, Money spent,
                         Beyond beyond) {
    ground_ = &ground;
    offers_ = &offers;
    spent_ = spent;
    beyond_ = beyond;
    options_.resize(offers.choices.specs.size());
    for (std::uint32_t choice = 0; choice < options_.size(); ++choice) {
        options_[choice].looked_at.clear();
        options_[choice].left_out.reset();
        options_[choice].next = next_of(choice, 0);
    }
}

bool ClassOptions::is_possible(const Offer& offer) const {
    const JobSpec& one = spec(offer.choice);
    return is_open(ground_->plans[offer.pool], one) && is_affordable(offer, one, spent_);
}

std::size_t ClassOptions::next_of(std::uint32_t choice, std::size_t from) const {
    const std::vector<Offer>& all = offers_->offers;
    while (from < all.size() && (all[from].choice != choice || !is_possible(all[from]))) ++from;
    return from;
}

bool ClassOptions::empty() const {
    return std::ranges::all_of(options_, [&](const Options& of) {
        return of.looked_at.empty() && of.next == offers_->offers.size();
    });
}

// Offers stand in order of what a start now costs: those behind the next are no better.
void ClassOptions::look_at_next(std::uint32_t choice) {
    auto& [looked_at, next, left_out] = options_[choice];
    if (next == offers_->offers.size()) return;
    const Offer& offer = offers_->offers[next];
    const Option option{
        .row = {.offer = &offer, .room = ground_->now, .objective = offer.objective}};
    if (!looked_at.empty() && !is_worse(looked_at.front(), option)) return;
    looked_at.push_back(option);
    std::ranges::push_heap(looked_at, is_worse);
    next = next_of(choice, next + 1);
}

bool ClassOptions::is_fresh(const Option& option) const {
    return option.exact_for == ground_->plans[option.row.offer->pool].version() &&
           (ground_->may_wait || option.row.room == ground_->now);
}

bool ClassOptions::starts_now(const Offer& offer) const {
    return ground_->plans[offer.pool].starts_now(stay_of(offer, spec(offer.choice)), ground_->now);
}

// What could not start once does not start later in the round.
bool ClassOptions::starts_now(const Option& option) const {
    return option.row.room == ground_->now && starts_now(*option.row.offer);
}

void ClassOptions::wait_until(Option& option, Time room) const {
    const Offer& offer = *option.row.offer;
    option.row.room = std::max(option.row.room, room);
    option.row.objective =
        objective_at(ground_->policy, spec(offer.choice), offer, option.row.room - ground_->now);
}

// The exact estimate behind what is planned is dear: it is made when the rough one is still in front.
bool ClassOptions::refresh(Option& option) {
    const Offer& offer = *option.row.offer;
    const PoolPlan& plan = ground_->plans[offer.pool];
    const JobSpec& one = spec(offer.choice);
    if (starts_now(option)) {
        option.exact_for = plan.version();
        return true;
    }
    if (!ground_->may_wait || (beyond_ == Beyond::advised && plan.is_planned_out())) {
        leave_out(option);
        return false;
    }
    if (!ground_->has_choice) {
        option.exact_for = plan.version();
        option.row.room = unasked;
        return true;
    }
    const bool is_rough = !option.is_estimated && plan.has_plans();
    option.is_estimated = true;
    if (!is_rough) option.exact_for = plan.version();
    wait_until(option, is_rough ? plan.earliest_start_at_best(one, ground_->now)
                                : plan.earliest_start(stay_of(offer, one), ground_->now));
    return true;
}

// When there would be room is not asked where it would be no better than what was left out before, even after a mean wait.
void ClassOptions::leave_out(Option option) {
    const Offer& offer = *option.row.offer;
    std::optional<Money>& least = options_[offer.choice].left_out;
    if (beyond_ == Beyond::estimated) {
        wait_until(option, ground_->now + ground_->mean_wait);
        if (least && *least <= option.row.objective) return;
        wait_until(option, ground_->plans[offer.pool].earliest_start_at_best(spec(offer.choice),
                                                                             ground_->now));
    }
    least = std::min(least.value_or(option.row.objective), option.row.objective);
}

const ClassOptions::Option* ClassOptions::fresh_front(std::uint32_t choice) {
    auto& [looked_at, next, left_out] = options_[choice];
    while (true) {
        look_at_next(choice);
        if (looked_at.empty()) return nullptr;
        if (is_fresh(looked_at.front())) return &looked_at.front();
        Option front = looked_at.front();
        const bool stays = refresh(front);
        if (stays && front.row.objective == looked_at.front().row.objective) {
            looked_at.front() = front;
            continue;
        }
        std::ranges::pop_heap(looked_at, is_worse);
        looked_at.back() = front;
        if (stays) {
            std::ranges::push_heap(looked_at, is_worse);
        } else {
            looked_at.pop_back();
        }
    }
}

Row ClassOptions::best(std::span<const Right> rights) {
    Row best;
    for (std::uint32_t choice = 0; choice < options_.size(); ++choice) {
        if (rights[choice] == Right::none) continue;
        const Option* front = fresh_front(choice);
        if (front == nullptr) continue;
        if (best.offer == nullptr || order_of(front->row) < order_of(best)) best = front->row;
    }
    return best;
}

bool ClassOptions::would_rather_wait(const Row& than, std::span<const Right> rights) const {
    for (std::uint32_t choice = 0; choice < options_.size(); ++choice) {
        const std::optional<Money>& least = options_[choice].left_out;
        if (rights[choice] != Right::none && least && *least < than.objective) return true;
    }
    return false;
}

void ClassOptions::shut(std::uint32_t choice) {
    Heap& looked_at = options_[choice].looked_at;
    std::ranges::pop_heap(looked_at, is_worse);
    looked_at.pop_back();
}

bool ClassOptions::anything_starts_now() const {
    const std::vector<Offer>& all = offers_->offers;
    for (std::uint32_t choice = 0; choice < options_.size(); ++choice) {
        const auto& [looked_at, next, left_out] = options_[choice];
        const auto starts = [&](const Option& option) { return starts_now(option); };
        if (std::ranges::any_of(looked_at, starts)) return true;
        for (std::size_t i = next; i < all.size(); i = next_of(choice, i + 1)) {
            if (starts_now(all[i])) return true;
        }
    }
    return false;
}

std::vector<Row> ClassOptions::best_rows(std::size_t count) {
    const std::vector<Right> all(options_.size(), Right::now);
    std::vector<Row> rows;
    std::vector<Option> taken;
    while (rows.size() < count) {
        const Row row = best(all);
        if (row.offer == nullptr) break;
        Heap& heap = options_[row.offer->choice].looked_at;
        std::ranges::pop_heap(heap, is_worse);
        taken.push_back(heap.back());
        heap.pop_back();
        rows.push_back(row);
    }
    for (const Option& option : taken) {
        Heap& heap = options_[option.row.offer->choice].looked_at;
        heap.push_back(option);
        std::ranges::push_heap(heap, is_worse);
    }
    return rows;
}

}  // namespace dayu::sched
