#include <algorithm>

#include <fmt/core.h>

#include "sched/quote.h"
#include "sched/round/options.h"
#include "sched/round/rules.h"

namespace dayu::sched {
namespace {

constexpr std::size_t most_nodes_named = 5;

Candidate name_candidate(const CenterView& center, const Pool& pool, const Choices& choices,
                         std::size_t choice) {
    const JobSpec& spec = choices.specs[choice];
    Candidate candidate;
    if (choices.are_variants) candidate.variant = static_cast<std::int64_t>(choice);
    candidate.center = center.id;
    candidate.center_name = center.center.name;
    candidate.pool = pool.name;
    candidate.engine = center.center.engine.kind;
    candidate.chip = pool.chip;
    candidate.chips_milli = spec.nodes * spec.resources.chips_milli;
    return candidate;
}

// The pool has the nodes, but too many of them are excluded at present.
Refusal nodes_excluded(const PoolPlan& plan, const JobSpec& spec) {
    std::string names;
    std::size_t named = 0;
    for (const std::int64_t node : plan.excluded()) {
        if (++named > most_nodes_named) break;
        names += fmt::format("{}{}/{}", names.empty() ? "" : ", ", plan.pool().name, node);
    }
    if (plan.excluded().size() > most_nodes_named) names += ", ...";
    return {
        .code = "NodesExcluded",
        .tier = Reason::waiting_for_capacity,
        .detail = fmt::format(
            "needs {} of {} nodes, and {} excluded: {}", spec.nodes, plan.pool().nodes,
            plan.excluded().size() == 1 ? "1 is" : fmt::format("{} are", plan.excluded().size()),
            names)};
}

std::optional<Refusal> refusal_of(const PoolPlan& plan, const Chip* chip, const JobSpec& spec) {
    const CenterView& center = plan.center();
    if (auto refusal = never_fits(center.center, plan.pool(), chip, spec)) return refusal;
    if (center.closed) return center.closed;
    if (!plan.has_nodes_for(spec)) return nodes_excluded(plan, spec);
    return std::nullopt;
}

}  // namespace

std::vector<PoolPlan> plan_pools(const World& world) {
    std::vector<PoolPlan> plans;
    for (const auto& [id, center] : world.centers()) {
        for (const auto& [name, pool] : center.pools) plans.emplace_back(center, pool);
    }
    return plans;
}

const Chip* find_chip(const World& world, const JobSpec& spec) {
    const auto at = world.chips().find(spec.resources.chip);
    return at == world.chips().end() ? nullptr : &at->second;
}

std::vector<Option> weigh_options(const World& world, std::vector<PoolPlan>& plans,
                                  const Policy& policy, const Choices& choices, Time now) {
    std::vector<const Chip*> chips;
    for (const JobSpec& spec : choices.specs) chips.push_back(find_chip(world, spec));
    std::vector<Option> options;
    options.reserve(plans.size());
    for (std::size_t i = 0; i < plans.size(); ++i) {
        PoolPlan& plan = plans[i];
        const CenterView& center = plan.center();
        if (center.closed) continue;
        for (std::size_t choice = 0; choice < choices.specs.size(); ++choice) {
            const JobSpec& spec = choices.specs[choice];
            if (first_broken({center.center, plan.pool(), chips[choice], spec})) continue;
            if (!plan.has_nodes_for(spec)) continue;
            const Quote cost = *quote(center.center, plan.pool(), chips[choice], spec);
            Option& option = options.emplace_back();
            option.offer = name_candidate(center, plan.pool(), choices, choice);
            option.offer.price = cost.price;
            option.offer.energy_mwh = cost.energy_mwh;
            option.offer.carbon_mg = cost.carbon_mg;
            option.pool = i;
            option.choice = choice;
            option.version = ~plan.version();
            refresh(option, plan, policy, spec, now);
        }
    }
    return options;
}

void refresh(Option& option, PoolPlan& plan, const Policy& policy, const JobSpec& spec, Time now) {
    if (option.version == plan.version()) return;
    option.version = plan.version();
    option.offer.start = plan.earliest_start(spec, now);
    option.offer.end = option.offer.start + spec.time_limit;
    option.offer.objective = policy.objective(option.offer, spec, now);
}

void sort_options(std::vector<Option>& options) {
    std::ranges::sort(options, {}, [](const Option& option) {
        return std::tuple{option.offer.objective, option.pool, option.choice};
    });
}

CandidateTable make_table(const World& world, const std::vector<PoolPlan>& plans,
                          const Policy& policy, const Choices& choices,
                          const std::vector<Option>& options, Time now) {
    CandidateTable table;
    table.policy = policy.name();
    table.at = now;
    for (const Option& option : options) table.candidates.push_back(option.offer);
    for (const PoolPlan& plan : plans) {
        for (std::size_t choice = 0; choice < choices.specs.size(); ++choice) {
            const JobSpec& spec = choices.specs[choice];
            auto refusal = refusal_of(plan, find_chip(world, spec), spec);
            if (!refusal) continue;
            Candidate& candidate = table.candidates.emplace_back(
                name_candidate(plan.center(), plan.pool(), choices, choice));
            candidate.refusal = std::move(refusal);
        }
    }
    return table;
}

CandidateTable weigh(const World& world, const Policy& policy, const JobSpec& spec, Time now) {
    const Choices choices(spec);
    std::vector<PoolPlan> plans = plan_pools(world);
    std::vector<Option> options = weigh_options(world, plans, policy, choices, now);
    sort_options(options);
    return make_table(world, plans, policy, choices, options, now);
}

}  // namespace dayu::sched
