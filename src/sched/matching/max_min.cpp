#include "sched/matching/max_min.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

#include "base/check.h"

namespace dayu::sched::matching {
namespace {

constexpr double tau_growth = 10;
constexpr double widest_gap = 1e-7;    // of z, at the end: constraints / tau
constexpr double newton_done = 1e-6;   // half the squared Newton decrement
constexpr int most_newton_steps = 50;  // for one tau; fewer than 20 are usual
constexpr double shortest_step = 1e-10;
constexpr double backtrack = 0.5, sufficient = 0.1;  // of the line search

// A small square matrix with right-hand sides to its right, solved in place.
constexpr std::size_t most_rows = max_chip_kinds + 1;
constexpr std::size_t most_columns = 2 * most_rows + 1;
using Tableau = std::array<std::array<double, most_columns>, most_rows>;

// Gauss and Jordan, with partial pivoting: behind it the columns from `rows` on hold the solutions.
void eliminate(Tableau& tableau, std::size_t rows, std::size_t columns) {
    for (std::size_t at = 0; at < rows; ++at) {
        std::size_t pivot = at;
        for (std::size_t row = at + 1; row < rows; ++row)
            if (std::abs(tableau[row][at]) > std::abs(tableau[pivot][at])) pivot = row;
        std::swap(tableau[at], tableau[pivot]);
        const double scale = 1 / tableau[at][at];
        for (std::size_t column = at; column < columns; ++column) tableau[at][column] *= scale;
        for (std::size_t row = 0; row < rows; ++row) {
            const double factor = tableau[row][at];
            if (row == at || factor == 0) continue;
            for (std::size_t column = at; column < columns; ++column)
                tableau[row][column] -= factor * tableau[at][column];
        }
    }
}

// A point, or a direction.
struct Point {
    std::vector<Shares> shares;
    double z = 0;
};

class CentralPath {
   public:
    CentralPath(std::span<const MaxMinGroup> groups, std::span<const std::uint32_t> chips)
        : groups_(groups), chips_(chips), kinds_(chips.size()), at_(inside()) {}

    std::vector<Shares> follow();

   private:
    Point inside() const;
    double barrier(const Point& point, double tau) const;
    double newton_step(double tau);
    double direction(double tau, Point& step) const;
    Tableau block(std::size_t group, std::span<const double> chip_slopes) const;
    Point moved(const Point& step, double length) const;
    double spare(const Shares& shares) const;
    double over(std::size_t group, const Point& point) const;
    std::vector<double> free_chips(const Point& point) const;

    std::span<const MaxMinGroup> groups_;
    std::span<const std::uint32_t> chips_;
    const std::size_t kinds_;
    Point at_;
};

double CentralPath::spare(const Shares& shares) const {
    double rest = 1;
    for (std::size_t kind = 0; kind < kinds_; ++kind) rest -= shares[kind];
    return rest;
}

// How far the utility of a group lies above z.
double CentralPath::over(std::size_t group, const Point& point) const {
    double utility = -point.z;
    for (std::size_t kind = 0; kind < kinds_; ++kind)
        utility += groups_[group].utility[kind] * point.shares[group][kind];
    return utility;
}

std::vector<double> CentralPath::free_chips(const Point& point) const {
    std::vector<double> free(chips_.begin(), chips_.end());
    for (std::size_t group = 0; group < groups_.size(); ++group) {
        const double chips = groups_[group].jobs * groups_[group].chips;
        for (std::size_t kind = 0; kind < kinds_; ++kind)
            free[kind] -= chips * point.shares[group][kind];
    }
    return free;
}

// Half of what an equal division would give; z below what anyone has.
Point CentralPath::inside() const {
    double asked = 0, fewest = std::numeric_limits<double>::max();
    for (const MaxMinGroup& group : groups_) asked += group.jobs * group.chips;
    for (const std::uint32_t each : chips_) fewest = std::min<double>(fewest, each);
    Shares equal{};
    for (std::size_t kind = 0; kind < kinds_; ++kind)
        equal[kind] = 0.5 * std::min(fewest / asked, 1 / static_cast<double>(kinds_));
    Point point{std::vector<Shares>(groups_.size(), equal), 0};
    double least = std::numeric_limits<double>::max();
    for (std::size_t group = 0; group < groups_.size(); ++group)
        least = std::min(least, over(group, point));
    point.z = least / 2;
    return point;
}

// What is minimised: -tau z and the barrier; infinite outside.
double CentralPath::barrier(const Point& point, double tau) const {
    constexpr double outside = std::numeric_limits<double>::infinity();
    double value = -tau * point.z;
    for (std::size_t group = 0; group < groups_.size(); ++group) {
        // One logarithm for all: they are the larger part of the work.
        double product = 1;
        const double rest = spare(point.shares[group]), above = over(group, point);
        if (rest <= 0 || above <= 0) return outside;
        for (std::size_t kind = 0; kind < kinds_; ++kind) {
            if (point.shares[group][kind] <= 0) return outside;
            product *= point.shares[group][kind];
        }
        value -= groups_[group].jobs * std::log(product * rest * above);
    }
    for (const double free : free_chips(point)) {
        if (free <= 0) return outside;
        value -= std::log(free);
    }
    return value;
}

// [H_g | -gradient, effect of z, effects of the chips' multipliers], solved: what the group's shares do.
Tableau CentralPath::block(std::size_t group, std::span<const double> chip_slopes) const {
    const MaxMinGroup& each = groups_[group];
    const double rest = spare(at_.shares[group]), above = over(group, at_);
    Tableau tableau{};
    for (std::size_t i = 0; i < kinds_; ++i) {
        const double share = at_.shares[group][i];
        for (std::size_t j = 0; j < kinds_; ++j)
            tableau[i][j] = each.jobs * (1 / (rest * rest) +
                                         each.utility[i] * each.utility[j] / (above * above));
        tableau[i][i] += each.jobs / (share * share);
        tableau[i][kinds_] = each.jobs * (1 / share - 1 / rest + each.utility[i] / above -
                                          each.chips * chip_slopes[i]);
        tableau[i][kinds_ + 1] = each.jobs * each.utility[i] / (above * above);
        tableau[i][kinds_ + 2 + i] = -each.jobs * each.chips;
    }
    eliminate(tableau, kinds_, 2 * kinds_ + 2);
    return tableau;
}

// The Newton direction, by the Schur complement of the blocks in z and one multiplier a kind of chip.
// Returns the squared decrement.
double CentralPath::direction(double tau, Point& step) const {
    const std::vector<double> free = free_chips(at_);
    std::vector<double> slopes;
    for (const double each : free) slopes.push_back(1 / each);
    std::vector<Tableau> blocks;
    blocks.reserve(groups_.size());

    // Row 0: z. Row 1+j: chips_j's multiplier w_j = (use of the step)_j / free_j^2.
    Tableau border{};
    const std::size_t rows = kinds_ + 1;
    double z_slope = -tau;
    for (std::size_t j = 0; j < kinds_; ++j) border[1 + j][1 + j] = -free[j] * free[j];
    for (std::size_t group = 0; group < groups_.size(); ++group) {
        const MaxMinGroup& each = groups_[group];
        const double above = over(group, at_);
        z_slope += each.jobs / above;
        border[0][0] += each.jobs / (above * above);
        const Tableau& solved = blocks.emplace_back(block(group, slopes));
        for (std::size_t i = 0; i < kinds_; ++i) {
            const double to_z = -each.jobs * each.utility[i] / (above * above);
            const double to_chips = each.jobs * each.chips;
            border[0][rows] -= to_z * solved[i][kinds_];
            border[1 + i][rows] -= to_chips * solved[i][kinds_];
            for (std::size_t column = 0; column < rows; ++column) {
                border[0][column] += to_z * solved[i][kinds_ + 1 + column];
                border[1 + i][column] += to_chips * solved[i][kinds_ + 1 + column];
            }
        }
    }
    border[0][rows] -= z_slope;
    eliminate(border, rows, rows + 1);

    step.z = border[0][rows];
    double decrement = -z_slope * step.z;
    for (std::size_t group = 0; group < groups_.size(); ++group) {
        const MaxMinGroup& each = groups_[group];
        const double rest = spare(at_.shares[group]), above = over(group, at_);
        for (std::size_t i = 0; i < kinds_; ++i) {
            double& share = step.shares[group][i];
            share = blocks[group][i][kinds_];
            for (std::size_t column = 0; column < rows; ++column)
                share += blocks[group][i][kinds_ + 1 + column] * border[column][rows];
            decrement += share * each.jobs *
                         (1 / at_.shares[group][i] - 1 / rest + each.utility[i] / above -
                          each.chips * slopes[i]);
        }
    }
    return decrement;
}

Point CentralPath::moved(const Point& step, double length) const {
    Point to = at_;
    to.z += length * step.z;
    for (std::size_t group = 0; group < groups_.size(); ++group)
        for (std::size_t kind = 0; kind < kinds_; ++kind)
            to.shares[group][kind] += length * step.shares[group][kind];
    return to;
}

// Half the squared decrement before the step; 0 where no step is possible any more.
double CentralPath::newton_step(double tau) {
    Point step{std::vector<Shares>(groups_.size()), 0};
    const double decrement = direction(tau, step);
    if (decrement / 2 <= newton_done) return 0;
    const double value = barrier(at_, tau);
    for (double length = 1; length > shortest_step; length *= backtrack) {
        Point to = moved(step, length);
        if (barrier(to, tau) > value - sufficient * length * decrement) continue;
        at_ = std::move(to);
        return decrement / 2;
    }
    return 0;
}

std::vector<Shares> CentralPath::follow() {
    double constraints = static_cast<double>(kinds_);
    for (const MaxMinGroup& group : groups_)
        constraints += group.jobs * static_cast<double>(kinds_ + 2);
    for (double tau = 1; constraints / tau >= widest_gap; tau *= tau_growth) {
        for (int i = 0; i < most_newton_steps && newton_step(tau) > 0; ++i) {}
    }
    return std::move(at_.shares);
}

}  // namespace

std::vector<Shares> max_min_shares(std::span<const MaxMinGroup> groups,
                                   std::span<const std::uint32_t> chips) {
    CHECK(chips.size() <= max_chip_kinds);
    if (groups.empty()) return {};
    return CentralPath(groups, chips).follow();
}

std::vector<Shares> max_min_shares(std::span<const MatchingJob> jobs,
                                   std::span<const std::uint32_t> chips, Utility utility) {
    std::unordered_map<std::uint32_t, std::size_t> group_of;
    std::vector<MaxMinGroup> groups;
    for (const MatchingJob& job : jobs) {
        const auto [at, is_new] = group_of.emplace(job.shape, groups.size());
        if (is_new) {
            groups.push_back({0, static_cast<double>(job.chips), utility(job, chips.size())});
        }
        ++groups[at->second].jobs;
    }
    const std::vector<Shares> by_group = max_min_shares(groups, chips);
    std::vector<Shares> shares;
    for (const MatchingJob& job : jobs) shares.push_back(by_group[group_of.at(job.shape)]);
    return shares;
}

}  // namespace dayu::sched::matching
