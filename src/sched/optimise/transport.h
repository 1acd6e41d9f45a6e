// The transportation problem as a linear programme, solved by CLP. Numbers are floating here and nowhere else; who
// calls makes whole numbers of them before anything is compared.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"

namespace dayu::sched {

struct TransportColumn {
    std::size_t from = 0;
    std::size_t to = 0;
    double gain = 0;    // of one unit
    double weight = 1;  // of one unit, in the capacity of `to`
};

struct Transport {
    std::vector<double> supply;    // units
    std::vector<double> capacity;  // what the units weigh, at most
    std::vector<TransportColumn> columns;
};

struct TransportSolution {
    std::vector<double> moved;    // units, by column
    std::vector<double> surplus;  // of one more unit of supply: the dual, by `from`
    std::vector<double> price;    // of one more unit of capacity: the dual, by `to`
};

// Feasible even where the work ran out before the best was found; the prices are then rough.
Result<TransportSolution> solve(const Transport& problem);

}  // namespace dayu::sched
