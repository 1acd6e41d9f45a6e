// Seeded randomness without hidden state: a stream is named by (seed, purpose, index), so a run
// resumed at step N draws exactly what an uninterrupted one would, and the same on every platform
// (the distributions of <random> are not portable).
#pragma once

#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace tang {

class Random {
   public:
    enum class Purpose : std::uint64_t { split = 1, init, shuffle, step, poem, bootstrap };

    Random(std::uint64_t seed, Purpose purpose, std::uint64_t index = 0)
        : state_(mix(mix(mix(seed) ^ static_cast<std::uint64_t>(purpose)) ^ index)) {}

    std::uint64_t next() { return mix(state_ += kGolden); }
    double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
    std::size_t below(std::size_t limit) {
        return static_cast<std::size_t>(uniform() * static_cast<double>(limit));
    }

    // The numbers 0 .. count-1 in random order (Fisher and Yates).
    std::vector<int> permutation(std::size_t count) {
        std::vector<int> order(count);
        std::iota(order.begin(), order.end(), 0);
        for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[below(i)]);
        return order;
    }

   private:
    static constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;

    // The finalizer of splitmix64.
    static std::uint64_t mix(std::uint64_t x) {
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        return x ^ (x >> 31);
    }

    std::uint64_t state_;
};

}  // namespace tang
