// All chance in a virtual world comes from its seed. Each part draws from a stream of its own (fork), so
// that one more draw here does not change what happens there.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"

namespace dayu::sim {

class Random {
   public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {  // splitmix64
        state_ += 0x9E3779B97F4A7C15ULL;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31);
    }

    // Both ends included.
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(high - low + 1));
    }
    Duration between(Duration low, Duration high) { return {between(low.ms, high.ms)}; }
    bool chance(std::int64_t per_mille) { return between(1, 1000) <= per_mille; }
    std::size_t index(std::size_t size) {
        return static_cast<std::size_t>(between(0, static_cast<std::int64_t>(size) - 1));
    }
    // Every order is as likely as any other.
    template <class Value>
    void shuffle(std::vector<Value>& values) {
        for (std::size_t left = values.size(); left > 1; --left)
            std::swap(values[left - 1], values[index(left)]);
    }
    // Mostly near `low`, now and then far out: most trouble is short, and some is not.
    Duration skewed(Duration low, Duration high) {
        const std::int64_t doublings = between(0, 6);
        return between(low, Duration{low.ms + ((high.ms - low.ms) >> doublings)});
    }

    std::string hex(std::size_t digits) {
        std::string text;
        while (text.size() < digits) text += "0123456789abcdef"[next() % 16];
        return text;
    }
    Random fork() { return Random(next()); }

   private:
    std::uint64_t state_;
};

}  // namespace dayu::sim
