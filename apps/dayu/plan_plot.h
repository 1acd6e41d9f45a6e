// The picture of `dayu plan train --plot`: what may be chosen among, in hours, money and carbon, and of what the steps of the best
// plans are made.
#pragma once

#include <string>

#include "dayu/plan_train_report.h"

namespace dayu::app {

std::string plan_picture(const TrainReport& report);

}  // namespace dayu::app
