// The picture of `dayu plan serve --plot`: what may be chosen among, in time, money and carbon, and how far below the promises the
// latencies of the cheapest ways to serve stay.
#pragma once

#include <string>

#include "dayu/plan_serve_report.h"

namespace dayu::app {

std::string serve_picture(const ServeQuestion& question, const ServeReport& report);

}  // namespace dayu::app
