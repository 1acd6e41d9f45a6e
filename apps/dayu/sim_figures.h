// The figures of a replay by `dayu sim run`, in their order, as programs and people are told them: one table for the verbs
// and the page.
#pragma once

#include <string_view>
#include <vector>

#include "sim/run.h"

namespace dayu::app {

struct SimFigure {
    const char* name;   // "jct_mean_s"
    const char* title;  // "mean JCT, h"
    double (*of)(const sim::RunReport& report);
    double shown_in = 1;  // the unit of the title, in that of the name
    int digits = 0;       // behind the point, for people
};
extern const std::vector<SimFigure> sim_figures;

// Of that name, which the table has.
const SimFigure& sim_figure(std::string_view name);

}  // namespace dayu::app
