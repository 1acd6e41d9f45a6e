// The page of `dayu sim compare --html`: one file that opens without a server, with a table, bars and the distribution
// of waits as inline SVG. No script runs in it.
#pragma once

#include <string>
#include <vector>

#include "sim/run.h"

namespace dayu::app {

struct PolicyRuns {
    std::string policy;
    std::vector<sim::RunReport> by_seed;  // seeds 0, 1, 2, ...
};

struct CompareTitle {
    std::string world;  // the files, as they were named
    std::string trace;
};

std::string compare_page(const CompareTitle& title, const std::vector<PolicyRuns>& runs);

// What the page and the verb compare, in their order.
struct ComparedFigure {
    const char* name;   // "jct_mean_s"
    const char* title;  // "mean JCT, h"
    double (*of)(const sim::RunReport& report);
    double shown_in = 1;  // the unit of the title, in that of the name
};
extern const std::vector<ComparedFigure> compared_figures;

double mean_over_seeds(const PolicyRuns& runs, const ComparedFigure& figure);

}  // namespace dayu::app
