// How `dayu plan train` tells what it found: as a table, or as lists of plans, of the front of Pareto, of pipelines over two
// kinds of chip, and of places where none fits.
#pragma once

#include <vector>

#include "base/result.h"
#include "dayu/plan_center.h"
#include "dayu/verb.h"
#include "plan/train_offers.h"

namespace dayu::app {

struct TrainReport {
    plan::TrainQuestion question;
    std::vector<PlanSite>
        sites;  // of the places, one each; without a centre's name where chips were named by hand
    std::vector<plan::TrainPlace> places;
    plan::TrainOffers found;
    std::vector<plan::MixedOffer> mixed;  // of two kinds together
    std::vector<PassedSite> passed;       // of the centres, that could not be planned with
    bool shows_launch = false;
};

Result<void> print_report(const Globals& globals, const TrainReport& report,
                          const plan::Launchers& launchers);

}  // namespace dayu::app
