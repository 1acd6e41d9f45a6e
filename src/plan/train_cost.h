// What a training run takes as a whole: time with what checkpoints and failures cost, money, energy and carbon.
//
// Checkpoints are written every sqrt(2 C M) (Young, 1974), C being what one costs and M the mean time between failures of all
// chips together; of the run, C over that interval and half an interval a failure are lost.
#pragma once

#include "plan/terms.h"
#include "plan/train.h"

namespace dayu::plan {

// Editable; `terms` are the centre's.
struct RunSetting {
    double tokens = 0;
    Terms terms{HourTerms{}};
    double from_hour = 0;      // of the terms, in which the run starts
    double power_part = 0.85;  // of the chip's published power, under training
    double host_part = 0.2;    // of a node's power, beside its chips
    double checkpoint_s = 60;  // that the run stands still for one
    double failure_free_chip_h =
        50'000;              // mean time between failures of one chip with its part of the node
    double restart_s = 900;  // from a failure to the next step
};

struct RunCost {
    double steps = 0;
    double hours = 0;
    double goodput = 1;  // part of the time that goes into steps that stay
    double checkpoint_every_s = 0;
    double cost_yuan = 0;
    double energy_kwh = 0;
    double carbon_kg = 0;
    double joule_per_token = 0;
};

RunCost run_cost(const TrainJob& job, double chips, double step_s, double chip_power_w,
                 const RunSetting& setting);

}  // namespace dayu::plan
