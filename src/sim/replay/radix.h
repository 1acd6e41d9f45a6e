// Millions of doubles in order, several times as fast as by comparing them: radix sort by their bits, the lowest digit first
// (Knuth, The Art of Computer Programming, volume 3, 5.2.5, algorithm R).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace dayu::sim {

// None of them is a NaN.
void sort_ascending(std::vector<double>& values);
// Places in `values`, in ascending order of what stands there; equal ones stay in their order.
std::vector<std::uint32_t> ascending_places(std::span<const double> values);

}  // namespace dayu::sim
