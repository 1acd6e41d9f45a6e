// The constants of a calibration as a point: their logarithms, those left out that are held where they are. A fit looks for the
// best point between the bounds of each, from several starts.
#pragma once

#include <algorithm>
#include <cmath>
#include <random>
#include <span>
#include <string_view>
#include <vector>

#include "plan/simplex.h"

namespace dayu::plan {

// A constant by its name, with the bounds within which a fit looks for it.
template <class Constants>
struct FittedConstant {
    std::string_view name;
    double Constants::* member;
    double low;
    double high;
};

template <class Constants>
class ConstantSpace {
   public:
    using Field = FittedConstant<Constants>;

    ConstantSpace(std::span<const Field> fields, const Constants& start,
                  std::span<const std::string_view> held)
        : start_(start) {
        for (const Field& field : fields)
            if (std::ranges::find(held, field.name) == held.end()) fields_.push_back(&field);
    }

    Point point_of(const Constants& constants) const {
        Point point;
        for (const Field* field : fields_)
            point.push_back(std::log(std::max(constants.*field->member, field->low)));
        return point;
    }

    Constants at(const Point& point) const {
        Constants constants = start_;
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            const Field& field = *fields_[i];
            constants.*field.member = std::clamp(std::exp(point[i]), field.low, field.high);
        }
        return constants;
    }

    // Anywhere between the bounds.
    Point random_point(std::mt19937_64& random) const {
        Point point;
        for (const Field* field : fields_) {
            const double part = static_cast<double>(random() >> 11) * 0x1p-53;
            point.push_back(std::log(field->low) + part * std::log(field->high / field->low));
        }
        return point;
    }

   private:
    Constants start_;
    std::vector<const Field*> fields_;
};

struct DescentSetting {
    std::uint32_t starts = 4;
    std::uint32_t evaluations = 3000;  // of each start
    std::uint64_t seed = 1;
};

// The best constants for `loss` of constants, from `start` and from random points. Away from `start` a constant costs a little,
// so that one that the rows do not tell stays where it was.
template <class Constants, class Loss>
Constants fit_constants(const ConstantSpace<Constants>& space, const Constants& start,
                        const Loss& loss, const DescentSetting& setting, double pull = 1e-4) {
    const Point home = space.point_of(start);
    const auto loss_at = [&](const Point& point) {
        double away = 0;
        for (std::size_t i = 0; i < point.size(); ++i) away += std::abs(point[i] - home[i]);
        return loss(space.at(point)) + pull * away;
    };
    std::mt19937_64 random(setting.seed);
    Vertex best = descend(home, setting.evaluations, loss_at);
    for (std::uint32_t from = 1; from < setting.starts; ++from) {
        const Point other_start = space.random_point(random);
        if (Vertex other = descend(other_start, setting.evaluations, loss_at);
            other.loss < best.loss)
            best = std::move(other);
    }
    return space.at(best.point);
}

}  // namespace dayu::plan
