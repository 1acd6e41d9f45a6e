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

// Both kinds run as long; each costs what its own terms say, and any chip's failure stops all.
RunCost cost_of_both(const TrainQuestion& question, const std::array<TrainPlace, 2>& places,
                     double step_s) {
    const double chips = places[0].chips + places[1].chips;
    RunCost both;
    for (const TrainPlace& place : places) {
        RunSetting run = question.run;
        run.terms = place.terms;
        run.failure_free_chip_h *= place.chips / chips;
        const RunCost part = run_cost(question.job, place.chips, step_s,
                                      place.basis.chip->specification.power_w, run);
        const RunCost before = both;
        both = part;
        both.cost_yuan += before.cost_yuan;
        both.energy_kwh += before.energy_kwh;
        both.carbon_kg += before.carbon_kg;
        both.joule_per_token += before.joule_per_token;
    }
    return both;
}

MixedOffer mixed_offer(const Knowledge& knowledge, const TrainQuestion& question,
                       const std::array<TrainPlace, 2>& places, const MixedPlan& mixed) {
    MixedOffer offer{.mixed = mixed, .grade = Grade::end_to_end};
    const double step_s = mixed.step.step_s;
    offer.step_s = {.value = step_s, .low = step_s, .high = step_s};
    for (const TrainPlace& place : places) {
        // An interval is a factor, whatever the plan's step; that of one kind alone is as wide.
        const Estimate own = forecast(knowledge, place.basis, question.job, mixed.plan).step_s;
        offer.step_s.low = std::min(offer.step_s.low, step_s * own.low / own.value);
        offer.step_s.high = std::max(offer.step_s.high, step_s * own.high / own.value);
        offer.grade = std::max(offer.grade, place.basis.grade);
    }
    offer.cost = cost_of_both(question, places, step_s);
    offer.cost_low = cost_of_both(question, places, offer.step_s.low);
    offer.cost_high = cost_of_both(question, places, offer.step_s.high);
    return offer;
}

double gain_over(std::span<const TrainOffer> alone, const std::array<std::size_t, 2>& pair,
                 double hours) {
    double best = 0;
    for (const TrainOffer& offer : alone) {
        const bool is_of_pair = offer.place == pair[0] || offer.place == pair[1];
        if (is_of_pair && (best == 0 || offer.cost.hours < best)) best = offer.cost.hours;
    }
    return best > 0 ? 1 - hours / best : 1;
}

bool beats(const RunCost& one, const RunCost& other) {
    const bool is_no_worse = one.hours <= other.hours && one.cost_yuan <= other.cost_yuan &&
                             one.carbon_kg <= other.carbon_kg;
    return is_no_worse && (one.hours < other.hours || one.cost_yuan < other.cost_yuan ||
                           one.carbon_kg < other.carbon_kg);
}

}  // namespace

std::vector<MixedOffer> mixed_offers(const Knowledge& knowledge, const TrainQuestion& question,
                                     std::span<const TrainPlace> places,
                                     std::span<const std::array<std::size_t, 2>> pairs,
                                     std::span<const TrainOffer> alone) {
    std::vector<MixedOffer> offers;
    for (const std::array<std::size_t, 2>& pair : pairs) {
        const TrainPlace& one = places[pair[0]];
        const TrainPlace& other = places[pair[1]];
        const std::vector<MixedPlan> found = mixed_search(
            question.job, {{{one.basis.machine, one.chips}, {other.basis.machine, other.chips}}},
            {.top = 1});
        if (found.empty()) continue;
        offers.push_back(mixed_offer(knowledge, question, {one, other}, found.front()));
        offers.back().places = pair;
        offers.back().gain = gain_over(alone, pair, offers.back().cost.hours);
    }
    std::ranges::stable_sort(offers, {}, [](const MixedOffer& offer) { return offer.cost.hours; });
    return offers;
}

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
