// Makes a calibration from step logs: constants first, then the factors of layer classes that several runs share, then once more
// the constants of what is not a layer, given those factors. What it will err on rows that it has not seen is found by leaving
// rows out: whole models for the constants, and whole questions (a model, a batch, a count of chips) for the classes.
#pragma once

#include <span>
#include <vector>

#include "plan/calibration.h"
#include "plan/fit.h"
#include "plan/measured_layers.h"

namespace dayu::plan {

// |ln(predicted/measured)| of a row that the fit did not see.
struct HeldOut {
    double residual = 0;
    bool leaves_node = false;
};

struct Calibrated {
    Calibration calibration;
    std::vector<MeasuredLayer> layers;
    std::vector<HeldOut> other_models;
    std::vector<HeldOut> other_questions;
};

// `calibration` says chip, framework and traits, and where to start; the rest is found.
Calibrated calibrate(std::span<const MeasuredStep> rows, const Calibration& calibration,
                     const FitSetting& setting);

}  // namespace dayu::plan
