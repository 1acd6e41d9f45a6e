#include "sched/round/offers.h"

#include <algorithm>

#include <fmt/core.h>

#include "sched/quote.h"

namespace dayu::sched {
namespace {

constexpr std::size_t most_nodes_named = 5;

// The pool has the nodes, but too many of them are excluded at present.
Refusal nodes_excluded(const PoolPlan& plan, const JobSpec& spec) {
    const FreeNodes::NodeSet& closed = plan.view().free().closed();
    std::string names;
    std::size_t named = 0;
    for (const std::int64_t node : closed) {
        if (++named > most_nodes_named) break;
        names += fmt::format("{}{}/{}", names.empty() ? "" : ", ", plan.pool().name, node);
    }
    if (closed.size() > most_nodes_named) names += ", ...";
    return {.code = "NodesExcluded",
            .tier = Reason::waiting_for_capacity,
            .detail = fmt::format(
                "needs {} of {} nodes, and {} excluded: {}", spec.nodes, plan.pool().nodes,
                closed.size() == 1 ? "1 is" : fmt::format("{} are", closed.size()), names)};
}

Terms terms_of(const Quote& cost, const Moving& moving, const Choices& choices,
               const JobSpec& spec) {
    Terms terms{.wait = moving.takes,
                .price = cost.price,
                .moving = moving.cost,
                .energy_mwh = cost.energy_mwh,
                .carbon_mg = cost.carbon_mg,
                .bytes_moved = moving.bytes};
    if (choices.waiting_milli > 0) {
        terms.longer = *spec.runtime - choices.shortest;
        terms.waiting_milli = choices.waiting_milli;
    }
    return terms;
}

}  // namespace

Choices::Choices(const JobSpec& spec)
    : specs(variants_of(spec)), are_variants(!spec.variants.empty()) {
    const auto is_known = [](const JobSpec& one) { return one.runtime.has_value(); };
    if (!std::ranges::all_of(specs, is_known)) return;
    shortest = *specs.front().runtime;
    waiting_milli = chip_equivalents_milli(specs.front());
    for (const JobSpec& one : specs) {
        shortest = std::min(shortest, *one.runtime);
        waiting_milli = std::min(waiting_milli, chip_equivalents_milli(one));
    }
}

ShapeOffers::ShapeOffers(const World& world, const Policy& policy, const JobSpec& spec)
    : choices(spec), data_version(world.data_version()), moves_data(!spec.inputs.empty()) {
    std::vector<const Chip*> chips;
    for (const JobSpec& one : choices.specs) chips.push_back(find_chip(world, one));
    std::uint32_t number = 0;
    for (const auto& [id, view] : world.centers()) {
        const Moving moving = moving_to(view.center, spec, world.datasets());
        for (const auto& [name, pool_view] : view.pools) {
            const Pool& pool = pool_view.pool();
            for (std::uint32_t choice = 0; choice < choices.specs.size(); ++choice) {
                const JobSpec& one = choices.specs[choice];
                const Chip* chip = chips[choice];
                if (const Rule* rule = first_broken({view.center, pool, chip, one})) {
                    refused.push_back({.pool = number, .choice = choice, .rule = rule});
                    continue;
                }
                const Quote at_most = *quote(view.center, pool, chip, one);
                const Quote cost =
                    one.runtime ? *quote_of(view.center, pool, chip, one, *one.runtime) : at_most;
                const Terms terms = terms_of(cost, moving, choices, one);
                offers.push_back({.pool = number,
                                  .choice = choice,
                                  .objective = policy.objective(terms, one),
                                  .terms = terms,
                                  .at_most = at_most});
            }
            ++number;
        }
    }
    std::ranges::sort(offers, {}, [](const Offer& offer) {
        return std::tuple{offer.objective, offer.pool, offer.choice};
    });
    for (const Offer& offer : offers) too_full.push_back({.pool = offer.pool});
}

Money objective_at(const Policy& policy, const JobSpec& spec, const Offer& offer,
                   Duration until_room) {
    if (until_room <= Duration{}) return offer.objective;
    Terms terms = offer.terms;
    terms.wait = terms.wait + until_room;
    return policy.objective(terms, spec);
}

bool is_open(const PoolPlan& plan, const JobSpec& spec) { return plan.open_nodes() >= spec.nodes; }

bool is_affordable(const Offer& offer, const JobSpec& spec, Money spent) {
    const std::optional<Money>& max_price = spec.placement.max_price;
    return !max_price || offer.at_most.price.micro_yuan <= max_price->micro_yuan - spent.micro_yuan;
}

std::optional<Refusal> refusal_now(const PoolPlan& plan, const Offer& offer, const JobSpec& spec,
                                   Money spent) {
    if (!is_affordable(offer, spec, spent)) {
        return Refusal{.code = "PriceAboveMax",
                       .tier = Reason::budget_exhausted,
                       .detail = fmt::format("costs {} on top of {} spent, max_price is {}",
                                             yuan(offer.at_most.price), yuan(spent),
                                             yuan(*spec.placement.max_price))};
    }
    if (plan.center().closed) return plan.center().closed;
    if (!is_open(plan, spec)) return nodes_excluded(plan, spec);
    return std::nullopt;
}

bool anything_starts(ShapeOffers& offers, const std::vector<PoolPlan>& plans, Money spent,
                     Time now) {
    for (std::size_t i = 0; i < offers.offers.size(); ++i) {
        TooFull& known = offers.too_full[i];
        const PoolPlan& plan = plans[known.pool];
        if (known.version == plan.view().version()) continue;
        const Offer& offer = offers.offers[i];
        const JobSpec& spec = offers.choices.specs[offer.choice];
        if (plan.center().closed || !is_affordable(offer, spec, spent)) continue;
        if (plan.starts_now(stay_of(offer, spec), now)) return true;
        known.version = plan.view().version();
    }
    return false;
}

const Chip* find_chip(const World& world, const JobSpec& spec) {
    const auto at = world.chips().find(spec.resources.chip);
    return at == world.chips().end() ? nullptr : &at->second;
}

std::vector<PoolPlan> look_at_pools(const World& world) {
    std::vector<PoolPlan> plans;
    for (const auto& [id, center] : world.centers()) {
        for (const auto& [name, pool] : center.pools) plans.emplace_back(center, pool);
    }
    return plans;
}

}  // namespace dayu::sched
