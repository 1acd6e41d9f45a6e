#include "sched/excerpt.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "sched/policy.h"
#include "sched/round/offers.h"
#include "sched/wide.h"
#include "sched/world.h"

namespace dayu::sched {
namespace {

// What a pool is counted by: its chips, or its CPUs where it has none.
std::int64_t milli_of(const Pool& pool, std::int64_t chips_milli, std::int64_t cpus) {
    return std::max<std::int64_t>(0, pool.chip.empty() ? cpus * 1000 : chips_milli);
}

std::int64_t wanted_milli(const Pool& pool, const JobSpec& spec) {
    return spec.nodes * milli_of(pool, spec.resources.chips_milli, spec.resources.cpus);
}

struct Demand {
    ShapeId shape;
    std::int64_t jobs = 0;
    std::int64_t wanted_milli = 0;  // chips, or CPUs
};

// The most wanted first.
std::vector<Demand> demand_of(const World& world) {
    std::map<ShapeId, std::int64_t> jobs;
    for (const JobClass& one : world.waiting().classes()) {
        if (one.waiting > 0) jobs[one.shape] += static_cast<std::int64_t>(one.waiting);
    }
    std::vector<Demand> demand;
    for (const auto& [shape, count] : jobs) {
        const JobSpec& spec = world.spec_of(shape);
        const Resources& needs = spec.resources;
        const std::int64_t a_node = needs.chips_milli > 0 ? needs.chips_milli : needs.cpus;
        demand.push_back({.shape = shape,
                          .jobs = count,
                          .wanted_milli = product_over({count, spec.nodes, a_node}, 1)
                                              .value_or(std::numeric_limits<std::int64_t>::max())});
    }
    std::ranges::sort(demand, {},
                      [](const Demand& one) { return std::pair{-one.wanted_milli, one.shape}; });
    return demand;
}

void copy_centers(Excerpt& excerpt, const World& world) {
    for (const auto& [id, view] : world.centers()) {
        if (view.closed) continue;
        Excerpt::OfCenter& copy = excerpt.centers.emplace_back(
            Excerpt::OfCenter{.id = id, .center = view.center, .pools = {}});
        for (const Pool& pool : view.center.pools) {
            const FreeNodes& free = view.pools.at(pool.name).free();
            Excerpt::OfPool& now = copy.pools.emplace_back();
            now.open_nodes = free.open_nodes();
            now.free_chips_milli = free.total().free_chips_milli;
            now.free_cpus = free.total().free_cpus;
        }
    }
}

void copy_datasets(Excerpt& excerpt, const World& world) {
    std::set<std::string_view> names;
    for (const Excerpt::OfClass& one : excerpt.classes) {
        for (const DataInput& input : one.spec.inputs) {
            const auto known = world.datasets().find(input.dataset);
            if (known == world.datasets().end() || !names.insert(known->first).second) continue;
            excerpt.datasets.push_back(known->second);
        }
    }
}

void add_pools(Market& market, const Excerpt::OfCenter& of, std::vector<std::int64_t>& open_nodes) {
    // In the order in which a World numbers them.
    std::map<std::string_view, std::size_t> by_name;
    for (std::size_t i = 0; i < of.pools.size(); ++i) by_name[of.center.pools[i].name] = i;
    for (const auto& [name, i] : by_name) {
        const Pool& pool = of.center.pools[i];
        const Excerpt::OfPool& now = of.pools[i];
        market.pools.push_back(
            {.center = of.id,
             .center_name = of.center.name,
             .pool = pool.name,
             .chip = pool.chip,
             .list = pool.chip.empty() ? pool.price_per_cpu_hour : pool.price_per_chip_hour,
             .total_milli =
                 now.open_nodes * milli_of(pool, pool.chips_per_node * 1000, pool.cpus_per_node),
             .free_milli = milli_of(pool, now.free_chips_milli, now.free_cpus)});
        open_nodes.push_back(now.open_nodes);
    }
}

}  // namespace

Excerpt excerpt_of(const World& world, Time now, std::size_t most_classes) {
    Excerpt excerpt;
    excerpt.at = now;
    for (const auto& [name, chip] : world.chips()) excerpt.chips.push_back(chip);
    copy_centers(excerpt, world);
    const std::vector<Demand> demand = demand_of(world);
    for (const Demand& one : demand) {
        if (excerpt.classes.size() == most_classes) break;
        excerpt.classes.push_back(
            {.shape = one.shape, .spec = world.spec_of(one.shape), .jobs = one.jobs});
    }
    excerpt.classes_left_out = std::ssize(demand) - std::ssize(excerpt.classes);
    copy_datasets(excerpt, world);
    return excerpt;
}

Market market_of(const Excerpt& excerpt, const Policy& policy) {
    constexpr Duration hour = seconds(3600);
    Market market{.at = excerpt.at, .pools = {}, .classes = {}};
    // The same centres with nothing in them: offers are found there as a round finds them.
    World empty;
    for (const Chip& chip : excerpt.chips) empty.put_chip(chip);
    for (const Dataset& dataset : excerpt.datasets) empty.put_dataset(dataset);
    std::vector<const Pool*> pools;
    std::vector<std::int64_t> open_nodes;
    for (const Excerpt::OfCenter& of : excerpt.centers) {
        empty.put_center(of.id, of.center, {});
        add_pools(market, of, open_nodes);
        for (const auto& [name, view] : empty.centers().at(of.id).pools)
            pools.push_back(&view.pool());
    }
    for (const Excerpt::OfClass& of : excerpt.classes) {
        MarketClass& one = market.classes.emplace_back(
            MarketClass{.shape = of.shape, .jobs = of.jobs, .offers = {}});
        const ShapeOffers found(empty, policy, of.spec);
        for (const Offer& offer : found.offers) {
            const JobSpec& spec = found.choices.specs[offer.choice];
            const Pool& pool = *pools[offer.pool];
            if (open_nodes[offer.pool] < spec.nodes) continue;
            if (!pool.chip.empty() && spec.resources.chip.empty()) continue;
            const Money later = objective_at(policy, spec, offer, hour);
            VariantIndex variant;
            if (found.choices.are_variants) variant = offer.choice;
            one.offers.push_back(
                {.pool = offer.pool,
                 .variant = variant,
                 .wanted_milli = wanted_milli(pool, spec),
                 .cost = offer.objective,
                 .wait_per_hour = {later.micro_yuan - offer.objective.micro_yuan}});
        }
    }
    return market;
}

}  // namespace dayu::sched
