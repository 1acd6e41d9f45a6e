#include "sched/round/class_options.h"

#include <algorithm>

namespace dayu::sched {

ClassOptions::ClassOptions(const Ground& ground, const ShapeOffers& offers, Money spent,
                           Beyond beyond)
    : ground_(ground),
      offers_(offers),
      beyond_(beyond),
      heaps_(offers.choices.specs.size()),
      left_out_(offers.choices.specs.size()) {
    for (Heap& heap : heaps_) heap.reserve(offers.offers.size() / heaps_.size());
    // In order of what a start now costs: each heap is one already.
    for (const Offer& offer : offers.offers) {
        const JobSpec& one = spec(offer.choice);
        if (!is_open(ground.plans[offer.pool], one) || !is_affordable(offer, one, spent)) continue;
        heaps_[offer.choice].push_back(
            {.row = {.offer = &offer, .room = ground.now, .objective = offer.objective}});
    }
}

bool ClassOptions::empty() const {
    return std::ranges::all_of(heaps_, [](const Heap& heap) { return heap.empty(); });
}

bool ClassOptions::is_fresh(const Option& option) const {
    return option.exact_for == ground_.plans[option.row.offer->pool].version() &&
           (ground_.may_wait || option.row.room == ground_.now);
}

// The exact estimate behind what is planned is dear: it is made when the rough one is still in front.
bool ClassOptions::refresh(Option& option) const {
    const PoolPlan& plan = ground_.plans[option.row.offer->pool];
    const JobSpec& one = spec(option.row.offer->choice);
    const bool is_rough =
        !ground_.may_wait || (option.rough_for != plan.version() && plan.has_plans());
    (is_rough ? option.rough_for : option.exact_for) = plan.version();
    const Stay stay = stay_of(*option.row.offer, one);
    if (plan.starts_now(stay, ground_.now)) {
        option.exact_for = plan.version();
        return true;
    }
    if (beyond_ == Beyond::advised && (!ground_.may_wait || plan.is_planned_out())) return false;
    Time room = is_rough ? plan.earliest_start_at_best(one, ground_.now)
                         : plan.earliest_start(stay, ground_.now);
    if (!ground_.may_wait) room = std::max(room, ground_.now + ground_.mean_wait);
    option.row.room = std::max(option.row.room, room);
    option.row.objective =
        objective_at(ground_.policy, one, *option.row.offer, option.row.room - ground_.now);
    return ground_.may_wait;
}

const ClassOptions::Option* ClassOptions::fresh_front(std::uint32_t choice) {
    Heap& heap = heaps_[choice];
    while (!heap.empty() && !is_fresh(heap.front())) {
        Option front = heap.front();
        const bool stays = refresh(front);
        if (stays && front.row.objective == heap.front().row.objective) {
            heap.front() = front;
            continue;
        }
        std::ranges::pop_heap(heap, is_worse);
        heap.back() = front;
        if (stays) {
            std::ranges::push_heap(heap, is_worse);
        } else {
            std::optional<Money>& least = left_out_[choice];
            least = std::min(least.value_or(front.row.objective), front.row.objective);
            heap.pop_back();
        }
    }
    return heap.empty() ? nullptr : &heap.front();
}

Row ClassOptions::best(std::span<const Right> rights) {
    Row best;
    for (std::uint32_t choice = 0; choice < heaps_.size(); ++choice) {
        if (rights[choice] == Right::none) continue;
        const Option* front = fresh_front(choice);
        if (front == nullptr) continue;
        if (best.offer == nullptr || order_of(front->row) < order_of(best)) best = front->row;
    }
    return best;
}

bool ClassOptions::would_rather_wait(const Row& than, std::span<const Right> rights) const {
    for (std::uint32_t choice = 0; choice < heaps_.size(); ++choice) {
        if (rights[choice] == Right::none || !left_out_[choice]) continue;
        if (*left_out_[choice] < than.objective) return true;
    }
    return false;
}

void ClassOptions::shut(std::uint32_t choice) {
    std::ranges::pop_heap(heaps_[choice], is_worse);
    heaps_[choice].pop_back();
}

bool ClassOptions::anything_starts_now() const {
    return std::ranges::any_of(heaps_, [&](const Heap& heap) {
        return std::ranges::any_of(heap, [&](const Option& option) {
            const Offer& offer = *option.row.offer;
            return ground_.plans[offer.pool].starts_now(stay_of(offer, spec(offer.choice)),
                                                        ground_.now);
        });
    });
}

std::vector<Row> ClassOptions::best_rows(std::size_t count) {
    const std::vector<Right> all(heaps_.size(), Right::now);
    std::vector<Row> rows;
    std::vector<Option> taken;
    while (rows.size() < count) {
        const Row row = best(all);
        if (row.offer == nullptr) break;
        Heap& heap = heaps_[row.offer->choice];
        std::ranges::pop_heap(heap, is_worse);
        taken.push_back(heap.back());
        heap.pop_back();
        rows.push_back(row);
    }
    for (const Option& option : taken) {
        Heap& heap = heaps_[option.row.offer->choice];
        heap.push_back(option);
        std::ranges::push_heap(heap, is_worse);
    }
    return rows;
}

}  // namespace dayu::sched
