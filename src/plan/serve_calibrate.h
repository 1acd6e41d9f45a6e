// Makes calibrations of serving from measured rows: constants of each engine over all chips first, then of each chip with it,
// from there. What they will err on rows that they have not seen is found by leaving out whole servings (a model, plan and
// lengths, at all its concurrencies) in five parts.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "plan/chips.h"
#include "plan/error_figures.h"
#include "plan/serve_calibration.h"
#include "plan/serve_rows.h"

namespace dayu::plan {

struct ServeFitSetting {
    ServeConstants start;
    std::string version;
    std::string date;
    std::string source;
    std::uint32_t evaluations = 500;
};

// What a fit erred on configurations (a model under a plan with given lengths, at all concurrencies) that it did not see.
struct LeftOut {
    std::string family;
    ErrorFigures ttft, tpot;  // without intervals
};

struct ServeCalibrated {
    std::vector<ServeCalibration> calibrations;
    std::vector<LeftOut> left_out;  // of chips with an engine, by family
};

ServeCalibrated calibrate_serving(std::span<const ServeRow> rows, const Chips& chips,
                                  const ServeFitSetting& setting);

}  // namespace dayu::plan
