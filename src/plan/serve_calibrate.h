// Makes calibrations of serving from measured rows: constants of each engine over all chips first, then of each chip with it,
// from there, and then of each version of the engine on it that has rows enough. Workers of split pools have constants of their
// own. What all these will err on rows that they have not seen is found by fitting them anew without a fifth of the servings (a
// model, plan and lengths, at all its concurrencies), or of the models, five times.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "plan/chips.h"
#include "plan/error_figures.h"
#include "plan/serve_calibration.h"
#include "plan/serve_rows.h"

namespace dayu::plan {

enum class LeftOutBy : std::uint8_t { servings, models };

struct ServeFitSetting {
    ServeConstants start;
    LeftOutBy left_out_by = LeftOutBy::servings;
    std::string version;
    std::string date;
    std::string source;
    std::uint32_t evaluations = 100;
};

// What fits erred on rows that they did not see, and how many of these the intervals held that all other parts give.
struct LeftOut {
    std::string family;
    ErrorFigures ttft, tpot;
};

struct ServeCalibrated {
    std::vector<ServeCalibration> calibrations;
    std::vector<LeftOut> left_out;  // of chips with an engine, by family
};

ServeCalibrated calibrate_serving(std::span<const ServeRow> rows, const Chips& chips,
                                  const ServeFitSetting& setting);

}  // namespace dayu::plan
