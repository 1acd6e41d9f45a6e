#include <algorithm>
#include <exception>
#include <map>
#include <set>
#include <utility>

#include <ClpSimplex.hpp>

#include "sched/packing_bound.h"

namespace dayu::sched {
namespace {

// A round of column generation finds a pattern for each model; all that was seen ended within 60.
constexpr int most_rounds = 500;
constexpr double least_gain = 1e-6;  // of a pattern, in milli a chip
constexpr int optimal = 0;

bool is_part(const PackRequest& request) {
    return request.chips == 1 && request.chip_milli < whole_chip;
}

// A column of the programme as it is put together.
struct Column {
    std::vector<int> rows;
    std::vector<double> weights;

    void add(int row, double weight) {
        rows.push_back(row);
        weights.push_back(weight);
    }
};

class Programme {
   public:
    Programme(std::span<const BoundDemand> demand, std::span<const BoundClass> classes)
        : demand_(demand), classes_(classes) {
        for (const BoundDemand& one : demand) {
            if (is_part(one.request)) sizes_.insert(one.request.chip_milli);
        }
        for (const BoundClass& one : classes)
            chips_of_[one.node.state.model] +=
                static_cast<std::int64_t>(one.node.state.left.size()) * one.nodes;
        number_rows();
        simplex_.setLogLevel(0);
        simplex_.setOptimizationDirection(-1);  // the most
        load_rows();
        for (std::size_t type = 0; type < demand.size(); ++type) add_placements(type);
        for (const auto& [model, unused] : chips_of_) {
            for (const std::int32_t size : sizes_) add_pattern(model, {{size, whole_chip / size}});
        }
    }

    Result<double> solve() {
        for (int round = 0; round < most_rounds; ++round) {
            simplex_.primal();
            if (simplex_.status() != optimal)
                return internal("optimiser_failed",
                                "CLP ended with status " + std::to_string(simplex_.status()));
            if (!add_paying_patterns()) return simplex_.objectiveValue();
        }
        return internal("optimiser_failed", "the bound of the packing found no end of patterns");
    }

   private:
    // How many parts of each size.
    using Pattern = std::map<std::int32_t, std::int32_t>;

    // Demand by type, then CPU and memory by class, chips by model, parts by model and size.
    void number_rows() {
        int row = static_cast<int>(demand_.size() + 2 * classes_.size());
        for (const auto& [model, unused] : chips_of_) chip_row_[model] = row++;
        for (const auto& [model, unused] : chips_of_) {
            for (const std::int32_t size : sizes_) part_row_[{model, size}] = row++;
        }
        rows_ = row;
    }
    int cpu_row(std::size_t node_class) const {
        return static_cast<int>(demand_.size() + 2 * node_class);
    }

    void load_rows() {
        std::vector<double> upper;
        for (const BoundDemand& one : demand_) upper.push_back(one.count);
        for (const BoundClass& one : classes_) {
            upper.push_back(static_cast<double>(one.node.state.cpu_milli * one.nodes) / 1000);
            upper.push_back(static_cast<double>(one.node.memory_mib * one.nodes) / 1024);
        }
        for (const auto& [unused, chips] : chips_of_) upper.push_back(static_cast<double>(chips));
        upper.resize(static_cast<std::size_t>(rows_), 0);  // parts: no more than patterns hold
        simplex_.resize(rows_, 0);
        for (int row = 0; row < rows_; ++row)
            simplex_.setRowBounds(row, -COIN_DBL_MAX, upper[static_cast<std::size_t>(row)]);
    }

    void add_column(const Column& column, double gain) {
        simplex_.addColumn(static_cast<int>(column.rows.size()), column.rows.data(),
                           column.weights.data(), 0, COIN_DBL_MAX, gain);
    }

    void add_placements(std::size_t type) {
        const PackRequest& request = demand_[type].request;
        for (std::size_t at = 0; at < classes_.size(); ++at) {
            const FleetNode& one = classes_[at].node;
            if (!fits(one.state, request) || request.memory_mib > one.memory_mib) continue;
            Column column;
            column.add(static_cast<int>(type), 1);
            column.add(cpu_row(at), static_cast<double>(request.cpu_milli) / 1000);
            column.add(cpu_row(at) + 1, static_cast<double>(request.memory_mib) / 1024);
            if (is_part(request)) {
                column.add(part_row_.at({one.state.model, request.chip_milli}), 1);
            } else if (request.chips > 0) {
                column.add(chip_row_.at(one.state.model), request.chips);
            }
            const auto gain = static_cast<double>(request.total_milli());
            add_column(column, gain);
        }
    }

    void add_pattern(std::int32_t model, const Pattern& pattern) {
        Column column;
        column.add(chip_row_.at(model), 1);
        for (const auto& [size, count] : pattern) column.add(part_row_.at({model, size}), -count);
        add_column(column, 0);
    }

    // The pattern that is worth most at the prices of that model's parts: an unbounded knapsack of one chip.
    std::pair<Pattern, double> best_pattern(std::int32_t model, const double* price) const {
        std::vector<double> worth(whole_chip + 1);
        std::vector<std::int32_t> last(whole_chip + 1);  // the part put in, 0: none
        for (std::int32_t room = 1; room <= whole_chip; ++room) {
            worth[room] = worth[room - 1];
            for (const std::int32_t size : sizes_) {
                if (size > room) break;
                const double with = worth[room - size] + price[part_row_.at({model, size})];
                if (with > worth[room] + least_gain) {
                    worth[room] = with;
                    last[room] = size;
                }
            }
        }
        Pattern pattern;
        for (std::int32_t room = whole_chip; room > 0; room -= std::max(last[room], 1)) {
            if (last[room] > 0) ++pattern[last[room]];
        }
        return {pattern, worth[whole_chip]};
    }

    bool add_paying_patterns() {
        const double* const duals = simplex_.dualRowSolution();
        const std::vector<double> price(duals, duals + rows_);
        bool added = false;
        for (const auto& [model, row] : chip_row_) {
            const auto [pattern, worth] = best_pattern(model, price.data());
            if (worth <= price[static_cast<std::size_t>(row)] + least_gain) continue;
            add_pattern(model, pattern);
            added = true;
        }
        return added;
    }

    std::span<const BoundDemand> demand_;
    std::span<const BoundClass> classes_;
    std::set<std::int32_t> sizes_;                   // of parts
    std::map<std::int32_t, std::int64_t> chips_of_;  // by model
    std::map<std::int32_t, int> chip_row_;
    std::map<std::pair<std::int32_t, std::int32_t>, int> part_row_;
    int rows_ = 0;
    ClpSimplex simplex_;
};

}  // namespace

Result<double> most_packed_milli(std::span<const BoundDemand> demand,
                                 std::span<const BoundClass> classes) try {
    return Programme(demand, classes).solve();
} catch (const std::exception& error) {
    return internal("optimiser_failed", std::string("CLP: ") + error.what());
} catch (...) {
    return internal("optimiser_failed", "CLP has thrown");
}

}  // namespace dayu::sched
