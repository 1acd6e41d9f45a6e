// The page of `dayu sim compare --html`: one file that opens without a server, with a table, bars and the distribution
// of waits as inline SVG. No script runs in it.
#pragma once

#include <string>
#include <vector>

#include "dayu/sim_figures.h"
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

double mean_over_seeds(const PolicyRuns& runs, const SimFigure& figure);

}  // namespace dayu::app
