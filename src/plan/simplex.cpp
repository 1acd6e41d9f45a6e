#include "plan/simplex.h"

#include <algorithm>

namespace dayu::plan {
namespace {

Point between(const Point& from, const Point& to, double part) {
    Point point(from.size());
    for (std::size_t i = 0; i < from.size(); ++i) point[i] = from[i] + part * (to[i] - from[i]);
    return point;
}

}  // namespace

Vertex descend(const Point& start, std::uint32_t evaluations,
               const std::function<double(const Point&)>& loss) {
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

}  // namespace dayu::plan
