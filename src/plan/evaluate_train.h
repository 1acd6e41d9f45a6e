// Predicts the rows of a table of training runs, each by its own plan and without a look at its measurement, and then says how
// far off the predictions of each family were, and what following them would have cost: the regret of a question is how much
// longer the plan took that was predicted fastest than the one that was.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "plan/error_figures.h"
#include "plan/knowledge.h"
#include "plan/train_rows.h"

namespace dayu::plan {

struct TrainVerdict {
    std::string id;
    std::string family;
    Estimate step_s;             // 0: could not be predicted
    double measured_step_s = 0;  // 0: not known
    bool is_feasible = false;
    std::string reason;  // why not, or what the figure rests on
    std::string question;
};

struct FamilyFigures {
    std::string family;
    ErrorFigures errors;         // of what was measured and predicted
    std::int64_t refused = 0;    // measured and not predicted
    std::int64_t questions = 0;  // with four plans or more
    double mean_regret = 0;
    double worst_regret = 0;
    double top_3 = 0;  // part of questions whose best plan is among the three predicted fastest
};

std::vector<TrainVerdict> predict_rows(const Knowledge& knowledge, std::span<const TrainRow> rows);

// By family, in the order of their names.
std::vector<FamilyFigures> figures_of(std::span<const TrainVerdict> verdicts);

}  // namespace dayu::plan
