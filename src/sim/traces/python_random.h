// The random numbers of Python's `random.Random(seed)`, so that streams which others drew with it can be
// drawn again: MT19937, seeded as CPython does (init_by_array of Matsumoto and Nishimura's mt19937ar.c).
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

namespace dayu::sim {

class PythonRandom {
   public:
    explicit PythonRandom(std::uint64_t seed);

    std::uint32_t bits() { return static_cast<std::uint32_t>(twister_()); }
    double random();  // [0, 1), 53 bits
    double uniform(double low, double high) { return low + (high - low) * random(); }
    std::size_t choice(std::size_t size);  // an index; size > 0

   private:
    std::mt19937 twister_;
};

}  // namespace dayu::sim
