#include "sched/optimise/transport.h"

#include <algorithm>
#include <exception>

#include <ClpSimplex.hpp>

namespace dayu::sched {
namespace {

// About eight times of what 1,000 classes over 300 pools have needed.
constexpr int max_iterations = 20'000;
// As CLP says it: the best was found, and the work ran out.
constexpr int optimal = 0;
constexpr int stopped = 3;

void load(ClpSimplex& simplex, const Transport& problem) {
    const std::size_t rows = problem.supply.size() + problem.capacity.size();
    std::vector<CoinBigIndex> starts{0};
    std::vector<int> row_of;
    std::vector<double> weights, gains;
    for (const TransportColumn& column : problem.columns) {
        row_of.push_back(static_cast<int>(column.from));
        row_of.push_back(static_cast<int>(problem.supply.size() + column.to));
        weights.push_back(1);
        weights.push_back(column.weight);
        gains.push_back(column.gain);
        starts.push_back(static_cast<CoinBigIndex>(row_of.size()));
    }
    std::vector<double> upper = problem.supply;
    upper.insert(upper.end(), problem.capacity.begin(), problem.capacity.end());
    const std::vector<double> lower(rows, -COIN_DBL_MAX);
    // No bounds of the columns: from nothing upwards.
    simplex.loadProblem(static_cast<int>(gains.size()), static_cast<int>(rows), starts.data(),
                        row_of.data(), weights.data(), nullptr, nullptr, gains.data(), lower.data(),
                        upper.data());
    simplex.setOptimizationDirection(-1);  // the most
}

}  // namespace

Result<TransportSolution> solve(const Transport& problem) try {
    TransportSolution solution{.moved = std::vector<double>(problem.columns.size()),
                               .surplus = std::vector<double>(problem.supply.size()),
                               .price = std::vector<double>(problem.capacity.size())};
    if (problem.columns.empty()) return solution;
    ClpSimplex simplex;
    simplex.setLogLevel(0);
    load(simplex, problem);
    simplex.setMaximumIterations(max_iterations);
    simplex.primal();  // from nothing moved, which is feasible
    if (simplex.status() != optimal && simplex.status() != stopped)
        return internal("optimiser_failed",
                        "CLP ended with status " + std::to_string(simplex.status()));
    std::copy_n(simplex.primalColumnSolution(), solution.moved.size(), solution.moved.begin());
    const double* duals = simplex.dualRowSolution();
    std::copy_n(duals, solution.surplus.size(), solution.surplus.begin());
    std::copy_n(duals + solution.surplus.size(), solution.price.size(), solution.price.begin());
    return solution;
} catch (const std::exception& error) {
    return internal("optimiser_failed", std::string("CLP: ") + error.what());
} catch (...) {
    return internal("optimiser_failed", "CLP has thrown");
}

}  // namespace dayu::sched
