// The model that a verb of the planner is given: a config.json, or the name of one in the planner's tables.
#pragma once

#include <string>

#include "base/result.h"
#include "plan/known_models.h"
#include "plan/transformer.h"

namespace dayu::app {

Result<plan::Transformer> read_train_model(const std::string& given,
                                           const plan::KnownModels& known);

}  // namespace dayu::app
