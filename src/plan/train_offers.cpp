#include "plan/train_offers.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/core.h>

#include "plan/plan_words.h"

namespace dayu::plan {
namespace {

using Searches = std::map<std::pair<const Chip*, double>, TrainSearchResult>;

const TrainSearchResult& search_of(Searches& searches, const TrainQuestion& question,
                                   const TrainPlace& place) {
    const auto [found, is_new] = searches.try_emplace({place.basis.chip, place.chips});
    if (is_new) {
        found->second = train_search(question.job, place.basis.machine,
                                     {.chips = place.chips, .top = question.top});
    }
    return found->second;
}

// Why none fits, and what would help.
std::string why_infeasible(const TrainJob& job, const TrainPlace& place,
                           const RankedPlan& nearest) {
    if (nearest.plan.tp == 0) {
        return fmt::format(
            "{} chips cannot be divided among a batch of {} and {} heads; take a "
            "power of two, or a batch that it divides",
            place.chips, job.global_batch, job.model.heads);
    }
    return fmt::format("no plan fits {} of {}; the nearest, {}: {}", place.chips,
                       place.basis.chip->name, words_of(nearest.plan),
                       describe(TrainObstacle::memory, job, nearest.plan, place.basis.machine));
}

TrainOffer offer_of(const Knowledge& knowledge, const TrainQuestion& question,
                    const TrainPlace& place, const RankedPlan& ranked) {
    const TrainForecast expected = forecast(knowledge, place.basis, question.job, ranked.plan);
    RunSetting run = question.run;
    run.terms = place.terms;
    const auto cost_of = [&](double step_s) {
        return run_cost(question.job, place.chips, step_s, place.basis.chip->specification.power_w,
                        run);
    };
    return {.ranked = {.plan = ranked.plan, .step = expected.step, .memory = ranked.memory},
            .step_s = expected.step_s,
            .cost = cost_of(expected.step_s.value),
            .cost_low = cost_of(expected.step_s.low),
            .cost_high = cost_of(expected.step_s.high)};
}

bool beats(const RunCost& one, const RunCost& other) {
    const bool is_no_worse = one.hours <= other.hours && one.cost_yuan <= other.cost_yuan &&
                             one.carbon_kg <= other.carbon_kg;
    return is_no_worse && (one.hours < other.hours || one.cost_yuan < other.cost_yuan ||
                           one.carbon_kg < other.carbon_kg);
}

}  // namespace

void mark_pareto(std::span<TrainOffer> offers) {
    for (TrainOffer& one : offers) {
        one.is_pareto = std::ranges::none_of(
            offers, [&](const TrainOffer& other) { return beats(other.cost, one.cost); });
    }
}

TrainOffers offers_at(const Knowledge& knowledge, const TrainQuestion& question,
                      std::span<const TrainPlace> places) {
    TrainOffers all;
    Searches searches;
    for (std::size_t at = 0; at < places.size(); ++at) {
        const TrainPlace& place = places[at];
        const TrainSearchResult& found = search_of(searches, question, place);
        for (const RankedPlan& ranked : found.plans) {
            all.offers.push_back(offer_of(knowledge, question, place, ranked));
            all.offers.back().place = at;
        }
        if (found.plans.empty())
            all.passed.push_back({at, why_infeasible(question.job, place, found.nearest)});
        if (question.progress)
            question.progress(static_cast<double>(at + 1) / static_cast<double>(places.size()));
    }
    std::ranges::stable_sort(all.offers, {},
                             [](const TrainOffer& offer) { return offer.cost.hours; });
    mark_pareto(all.offers);
    return all;
}

}  // namespace dayu::plan
