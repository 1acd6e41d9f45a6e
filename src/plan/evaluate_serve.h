// Predicts the rows of a table of servings, each by its own plan and load and without a look at its measurement, and says how far
// off the predictions of each group were.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "plan/error_figures.h"
#include "plan/serve_knowledge.h"
#include "plan/serve_rows.h"

namespace dayu::plan {

struct ServeVerdict {
    std::string id;
    std::string family;
    Estimate ttft_s, tpot_s;  // 0: could not be predicted
    double measured_ttft_s = 0;
    double measured_tpot_s = 0;
    bool is_feasible = false;
    std::string reason;  // why not, or what the figures rest on
};

struct ServeFamilyFigures {
    std::string family;
    ErrorFigures ttft, tpot;   // of what was measured and predicted
    std::int64_t refused = 0;  // measured and not predicted
};

// What the row's plan and load take on a machine; an obstacle where its plan does not fit.
ServeTimes times_of(const ServeRow& row, const ServeMachine& machine);

std::vector<ServeVerdict> predict_rows(const ServeKnowledge& knowledge,
                                       std::span<const ServeRow> rows);

// By family, in the order of their names.
std::vector<ServeFamilyFigures> figures_of(std::span<const ServeVerdict> verdicts);

}  // namespace dayu::plan
