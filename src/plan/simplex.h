// The least value of a function of several numbers that is known at points alone, by the simplex of Nelder and Mead (1965).
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace dayu::plan {

using Point = std::vector<double>;

struct Vertex {
    Point point;
    double loss = 0;
};

// Goes down from `start`, the first corners lying 0.3 from it.
Vertex descend(const Point& start, std::uint32_t evaluations,
               const std::function<double(const Point&)>& loss);

}  // namespace dayu::plan
