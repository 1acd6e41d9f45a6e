// A parallel plan in the words that launchers and readers of papers know: "tp2 pp8x2 dp4 zero1 mbs1".
#pragma once

#include <string>
#include <string_view>

#include "plan/train.h"

namespace dayu::plan {

std::string words_of(const TrainPlan& plan);
std::string_view words_of(Recompute recompute);  // "none", "selective", "full"

}  // namespace dayu::plan
