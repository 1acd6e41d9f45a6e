// What training takes at several places: so many chips of one kind each, on the terms of whoever lends them. Places with equal
// chips share one search. The front of Pareto are the offers that none of the others beats in time, money or carbon without
// being worse in another of the three: what is left to choose among.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "plan/knowledge.h"
#include "plan/train_cost.h"
#include "plan/train_mixed.h"
#include "plan/train_search.h"

namespace dayu::plan {

struct TrainPlace {
    Basis basis;
    double chips = 0;
    Terms terms{HourTerms{}};
};

struct TrainQuestion {
    TrainJob job;
    RunSetting run;                             // its terms are those of each place
    std::uint32_t top = 1;                      // plans of each place
    std::function<void(double)> progress = {};  // part that is done
};

// One plan at one place, and what the whole run takes: as expected, and at both ends of the interval.
struct TrainOffer {
    std::size_t place = 0;
    RankedPlan ranked;
    Estimate step_s;
    RunCost cost;
    RunCost cost_low;
    RunCost cost_high;
    bool is_pareto = false;
};

// A place where no plan fits, and why.
struct PassedPlace {
    std::size_t place = 0;
    std::string reason;
};

struct TrainOffers {
    std::vector<TrainOffer> offers;  // the shortest run first
    std::vector<PassedPlace> passed;
};

TrainOffers offers_at(const Knowledge& knowledge, const TrainQuestion& question,
                      std::span<const TrainPlace> places);

// One pipeline over the chips of two places that lie at one centre.
struct MixedOffer {
    std::array<std::size_t, 2> places{};
    MixedPlan mixed;
    Estimate step_s;  // of the worse evidence
    Grade grade = Grade::specification;
    RunCost cost;  // of both together
    RunCost cost_low;
    RunCost cost_high;
    // How much shorter the run is than on the better of the two alone, as a part of that; below 0: longer. 1: neither can alone.
    double gain = 1;
};

// Of each pair of places; none where no plan fits. `alone` are the offers at all places.
std::vector<MixedOffer> mixed_offers(const Knowledge& knowledge, const TrainQuestion& question,
                                     std::span<const TrainPlace> places,
                                     std::span<const std::array<std::size_t, 2>> pairs,
                                     std::span<const TrainOffer> alone);

void mark_pareto(std::span<TrainOffer> offers);

}  // namespace dayu::plan
