// All that the planner of serving starts from: tables of data/plan, and what they say together of one chip with one engine.
#pragma once

#include <string_view>

#include "base/result.h"
#include "plan/chips.h"
#include "plan/knowledge.h"
#include "plan/known_models.h"
#include "plan/launch.h"
#include "plan/serve.h"
#include "plan/serve_calibration.h"
#include "plan/serve_harness.h"
#include "plan/serve_recipe.h"

namespace dayu::plan {

struct ServeKnowledge {
    Chips chips;
    ServeCalibrations calibrations;
    KnownModels models;
    ServeHarnesses harnesses = {};  // of measured servings
    ServeRecipes recipes = {};      // of those with split pools
    Launchers launchers = {};
};

// What a prediction on one chip rests on.
struct ServeBasis {
    const Chip* chip = nullptr;
    const ServeCalibration* calibration = nullptr;
    const ServeCalibration* pool_calibration = nullptr;  // of split pools; that one where none is
    ServeMachine machine;
    Grade grade = Grade::specification;

    // With the interval that holds 90 % of measurements; `is_split`: prompts on workers of their own.
    Estimate tpot(double seconds, bool is_split = false) const;
    Estimate ttft(double seconds, bool is_split = false) const;
};

// `engine` is "vllm", "sglang", "trtllm"; "" or one that was never measured takes what is typical of the chip.
// `version` is the engine's, "none" where a measured row has none; empty: whichever.
Result<ServeBasis> serve_basis_of(const ServeKnowledge& knowledge, std::string_view chip,
                                  std::string_view engine, std::string_view version = {});

}  // namespace dayu::plan
