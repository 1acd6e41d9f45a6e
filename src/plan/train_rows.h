// Measured training runs, a row each, in the columns of the table that the planner is judged on: model, chip, plan and batch,
// and what a step took where that is known. A row that leaves part of its model out takes it from the known models; one that
// leaves out its plan cannot be predicted, and says so.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "plan/known_models.h"
#include "plan/train.h"

namespace dayu::plan {

struct TrainRow {
    std::string id;
    std::string family;  // column `group`: rows of one source
    std::string model;
    std::string chip;
    std::string split;
    TrainJob job;
    TrainPlan plan;
    double chips = 0;
    std::string missing;         // what a prediction wants and the row has not; empty: nothing
    double measured_step_s = 0;  // 0: not measured
    std::string question;        // rows of one question differ in their plan alone
};

// `traits_of` a family decide what the table leaves unsaid.
Result<std::vector<TrainRow>> parse_train_rows(std::string path, std::string text,
                                               const KnownModels& known);

}  // namespace dayu::plan
