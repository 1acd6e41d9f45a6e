#include "plan/fit.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace dayu::plan {
namespace {

using Point = std::vector<double>;  // logarithms of the constants that are looked for

// Reads and writes the constants that are not held as a point.
class Space {
   public:
    explicit Space(const FitSetting& setting) : start_(setting.start) {
        for (const ConstantField& field : constant_fields)
            if (std::ranges::find(setting.held, field.name) == setting.held.end())
                fields_.push_back(&field);
    }

    std::size_t size() const { return fields_.size(); }

    Point point_of(const Constants& constants) const {
        Point point;
        for (const ConstantField* field : fields_)
            point.push_back(std::log(std::max(constants.*field->member, field->low)));
        return point;
    }

    Constants at(const Point& point) const {
        Constants constants = start_;
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            const ConstantField& field = *fields_[i];
            constants.*field.member = std::clamp(std::exp(point[i]), field.low, field.high);
        }
        return constants;
    }

    // Anywhere between the bounds.
    Point random_point(std::mt19937_64& random) const {
        Point point;
        for (const ConstantField* field : fields_) {
            const double part = static_cast<double>(random() >> 11) * 0x1p-53;
            point.push_back(std::log(field->low) + part * std::log(field->high / field->low));
        }
        return point;
    }

   private:
    Constants start_;
    std::vector<const ConstantField*> fields_;
};

struct Vertex {
    Point point;
    double loss = 0;
};

Point between(const Point& from, const Point& to, double part) {
    Point point(from.size());
    for (std::size_t i = 0; i < from.size(); ++i) point[i] = from[i] + part * (to[i] - from[i]);
    return point;
}

template <class Loss>
Vertex descend(const Point& start, std::uint32_t evaluations, const Loss& loss) {
    constexpr double first_side = 0.3;
    std::vector<Vertex> simplex{{start, loss(start)}};
    for (std::size_t i = 0; i < start.size(); ++i) {
        Point corner = start;
        corner[i] += first_side;
        simplex.push_back({corner, loss(corner)});
    }
    for (std::uint32_t used = 0; used < evaluations; ++used) {
        std::ranges::sort(simplex, {}, &Vertex::loss);
        Point centre(start.size(), 0.0);
        for (std::size_t v = 0; v + 1 < simplex.size(); ++v)
            for (std::size_t i = 0; i < centre.size(); ++i)
                centre[i] += simplex[v].point[i] / static_cast<double>(simplex.size() - 1);
        Vertex& worst = simplex.back();
        const auto moved = [&](double part) {
            Point point = between(centre, worst.point, part);
            const double value = loss(point);
            return Vertex{std::move(point), value};
        };
        Vertex next = moved(-1);
        if (next.loss < simplex.front().loss) {
            if (Vertex further = moved(-2); further.loss < next.loss) next = std::move(further);
        } else if (next.loss >= simplex[simplex.size() - 2].loss) {
            if (Vertex nearer = moved(0.5); nearer.loss < next.loss) next = std::move(nearer);
        }
        if (next.loss < worst.loss) {
            worst = std::move(next);
            continue;
        }
        for (std::size_t v = 1; v < simplex.size(); ++v) {
            simplex[v].point = between(simplex.front().point, simplex[v].point, 0.5);
            simplex[v].loss = loss(simplex[v].point);
        }
    }
    return *std::ranges::min_element(simplex, {}, &Vertex::loss);
}

}  // namespace

std::vector<double> residuals(std::span<const MeasuredStep> rows, const Machine& machine) {
    std::vector<double> errors;
    errors.reserve(rows.size());
    for (const MeasuredStep& row : rows) {
        const double predicted_s = train_step(row.job, row.plan, machine, row.factors).step_s;
        errors.push_back(std::abs(std::log(predicted_s / row.step_s)));
    }
    return errors;
}

Constants fit(std::span<const MeasuredStep> rows, const FitSetting& setting) {
    const Space space(setting);
    const auto loss = [&](const Point& point) {
        const Constants constants = space.at(point);
        const std::vector<double> errors =
            residuals(rows, machine_of(*setting.chip, constants, setting.traits));
        // Towards the bounds a constant costs a little, so that one that the rows do not tell stays where it was.
        constexpr double pull = 1e-4;
        double away = 0;
        const Point home = space.point_of(setting.start);
        for (std::size_t i = 0; i < point.size(); ++i) away += std::abs(point[i] - home[i]);
        return std::reduce(errors.begin(), errors.end()) / static_cast<double>(errors.size()) +
               pull * away;
    };
    std::mt19937_64 random(setting.seed);
    Vertex best = descend(space.point_of(setting.start), setting.evaluations, loss);
    for (std::uint32_t start = 1; start < setting.starts; ++start) {
        const Point from = space.random_point(random);
        if (Vertex other = descend(from, setting.evaluations, loss); other.loss < best.loss)
            best = std::move(other);
    }
    return space.at(best.point);
}

double conformal_90(std::vector<double> residuals) {
    if (residuals.empty()) return 0;
    std::ranges::sort(residuals);
    const double count = static_cast<double>(residuals.size());
    const double rank = std::min(count, std::ceil(0.9 * (count + 1)));
    return residuals[static_cast<std::size_t>(rank) - 1];
}

}  // namespace dayu::plan
