#include "sched/matching/max_min.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

#include "base/check.h"

namespace dayu::sched::matching {
namespace {

constexpr double tau_growth = 100;
constexpr double widest_gap = 1e-7;  // of z, at the end: constraints / tau
// Half the squared Newton decrement at which a point counts as central: exact at the end, and near enough to
// go on from before that.
constexpr double central = 1e-5, nearly_central = 1e-2;
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
        : groups_(groups),
          chips_(chips),
          kinds_(chips.size()),
          at_(inside()),
          slopes_(groups.size()),
          moves_(groups.size()) {}

    std::vector<Shares> follow();

   private:
    Point inside() const;
    double change(const Point& to, double tau) const;
    bool newton_step(double tau, double tolerance);
    double direction(double tau, Point& step);
    void solve_block(std::size_t group, std::span<const double> chip_slopes);
    Tableau border(double z_slope, std::span<const double> free) const;
    Point moved(const Point& step, double length) const;
    double spare(const Shares& shares) const;
    double over(std::size_t group, const Point& point) const;
    std::vector<double> free_chips(const Point& point) const;

    std::span<const MaxMinGroup> groups_;
    std::span<const std::uint32_t> chips_;
    const std::size_t kinds_;
    Point at_;
    // Of the point, by group: minus the gradient by its shares, and what solve_block() found.
    std::vector<Shares> slopes_;
    std::vector<std::array<std::array<double, max_chip_kinds + 2>, max_chip_kinds>> moves_;
    Tableau tableau_{};
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

// By how much a step changes what is minimised, -tau z and the barrier; infinite where it leads outside. As a
// sum of changes: the values themselves are so large at the end that their difference would be rounding.
double CentralPath::change(const Point& to, double tau) const {
    constexpr double outside = std::numeric_limits<double>::infinity();
    double value = -tau * (to.z - at_.z);
    for (std::size_t group = 0; group < groups_.size(); ++group) {
        const double rest = spare(to.shares[group]), above = over(group, to);
        if (rest <= 0 || above <= 0) return outside;
        // One logarithm for all: they are the larger part of the work.
        double growth = rest / spare(at_.shares[group]) * (above / over(group, at_));
        for (std::size_t kind = 0; kind < kinds_; ++kind) {
            if (to.shares[group][kind] <= 0) return outside;
            growth *= to.shares[group][kind] / at_.shares[group][kind];
        }
        value -= groups_[group].jobs * std::log(growth);
    }
    const std::vector<double> free = free_chips(at_), left = free_chips(to);
    for (std::size_t kind = 0; kind < kinds_; ++kind) {
        if (left[kind] <= 0) return outside;
        value -= std::log(left[kind] / free[kind]);
    }
    return value;
}

// Solves the block of a group: how its shares move by themselves (column 0), with z (1), and with the
// multiplier of each kind of chip (2 + kind).
void CentralPath::solve_block(std::size_t group, std::span<const double> chip_slopes) {
    const MaxMinGroup& each = groups_[group];
    const double rest = spare(at_.shares[group]), above = over(group, at_);
    for (std::size_t i = 0; i < kinds_; ++i) {
        const double share = at_.shares[group][i];
        for (std::size_t j = 0; j < kinds_; ++j) {
            tableau_[i][j] = each.jobs * (1 / (rest * rest) +
                                          each.utility[i] * each.utility[j] / (above * above));
            tableau_[i][kinds_ + 2 + j] = i == j ? -each.jobs * each.chips : 0;
        }
        tableau_[i][i] += each.jobs / (share * share);
        tableau_[i][kinds_] = each.jobs * (1 / share - 1 / rest + each.utility[i] / above -
                                           each.chips * chip_slopes[i]);
        tableau_[i][kinds_ + 1] = each.jobs * each.utility[i] / (above * above);
        slopes_[group][i] = tableau_[i][kinds_];
    }
    eliminate(tableau_, kinds_, 2 * kinds_ + 2);
    for (std::size_t i = 0; i < kinds_; ++i)
        for (std::size_t column = 0; column < kinds_ + 2; ++column)
            moves_[group][i][column] = tableau_[i][kinds_ + column];
}

// What the blocks leave of z and of one multiplier a kind of chip: w_j = (use of the step)_j / free_j^2.
Tableau CentralPath::border(double z_slope, std::span<const double> free) const {
    Tableau border{};
    const std::size_t rows = kinds_ + 1;
    border[0][rows] = -z_slope;
    for (std::size_t j = 0; j < kinds_; ++j) border[1 + j][1 + j] = -free[j] * free[j];
    for (std::size_t group = 0; group < groups_.size(); ++group) {
        const MaxMinGroup& each = groups_[group];
        const double above = over(group, at_), to_chips = each.jobs * each.chips;
        border[0][0] += each.jobs / (above * above);
        for (std::size_t i = 0; i < kinds_; ++i) {
            const double to_z = -each.jobs * each.utility[i] / (above * above);
            const auto& moves = moves_[group][i];
            border[0][rows] -= to_z * moves[0];
            border[1 + i][rows] -= to_chips * moves[0];
            for (std::size_t column = 0; column < rows; ++column) {
                border[0][column] += to_z * moves[1 + column];
                border[1 + i][column] += to_chips * moves[1 + column];
            }
        }
    }
    return border;
}

// The Newton direction, by the Schur complement of the blocks. Returns the squared decrement.
double CentralPath::direction(double tau, Point& step) {
    const std::vector<double> free = free_chips(at_);
    std::vector<double> chip_slopes;
    for (const double each : free) chip_slopes.push_back(1 / each);
    double z_slope = -tau;
    for (std::size_t group = 0; group < groups_.size(); ++group) {
        z_slope += groups_[group].jobs / over(group, at_);
        solve_block(group, chip_slopes);
    }
    const std::size_t rows = kinds_ + 1;
    Tableau last = border(z_slope, free);
    eliminate(last, rows, rows + 1);

    step.z = last[0][rows];
    double decrement = -z_slope * step.z;
    for (std::size_t group = 0; group < groups_.size(); ++group) {
        for (std::size_t i = 0; i < kinds_; ++i) {
            const auto& moves = moves_[group][i];
            double& share = step.shares[group][i];
            share = moves[0];
            for (std::size_t column = 0; column < rows; ++column)
                share += moves[1 + column] * last[column][rows];
            decrement += share * slopes_[group][i];
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

// False where the point is central to the tolerance, or rounding allows no better.
bool CentralPath::newton_step(double tau, double tolerance) {
    Point step{std::vector<Shares>(groups_.size()), 0};
    const double decrement = direction(tau, step);
    const bool is_useful =
        decrement / 2 > tolerance;  // no number is not: near the end, blocks may be singular
    for (double length = 1; is_useful && length > shortest_step; length *= backtrack) {
        Point to = moved(step, length);
        if (change(to, tau) <= -sufficient * length * decrement) {
            at_ = std::move(to);
            return true;
        }
    }
    return false;
}

std::vector<Shares> CentralPath::follow() {
    double constraints = static_cast<double>(kinds_);
    for (const MaxMinGroup& group : groups_)
        constraints += group.jobs * static_cast<double>(kinds_ + 2);
    for (double tau = 1, is_last = 0; is_last == 0; tau *= tau_growth) {
        is_last = constraints / tau < widest_gap;
        const double tolerance = is_last != 0 ? central : nearly_central;
        for (int i = 0; i < most_newton_steps && newton_step(tau, tolerance); ++i) {}
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
