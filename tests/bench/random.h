// Random numbers that are the same on every machine, as those of the standard library are not.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace dayu::bench {

// splitmix64.
class Draw {
   public:
    explicit Draw(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
        return mixed ^ (mixed >> 31);
    }
    std::int64_t below(std::int64_t limit) {
        return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(limit));
    }
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + below(high - low + 1);
    }
    bool percent(std::int64_t chance) { return below(100) < chance; }
    template <class Value>
    const Value& pick(std::span<const Value> values) {
        return values[static_cast<std::size_t>(below(std::ssize(values)))];
    }
    template <class Value, std::size_t count>
    const Value& pick(const Value (&values)[count]) {
        return pick(std::span<const Value>(values));
    }

   private:
    std::uint64_t state_;
};

// Indices by weight.
class Wheel {
   public:
    void add(std::int64_t weight) { up_to_.push_back(total() + weight); }
    std::int64_t total() const { return up_to_.empty() ? 0 : up_to_.back(); }
    std::size_t spin(Draw& draw) const {
        const auto at = std::ranges::upper_bound(up_to_, draw.below(total()));
        return static_cast<std::size_t>(at - up_to_.begin());
    }

   private:
    std::vector<std::int64_t> up_to_;
};

// Weights that fall as 1/(flatness + i), as in a Zipf distribution: the first is twice as heavy as the `flatness`-th.
inline Wheel zipf(std::int64_t count, std::int64_t flatness) {
    Wheel wheel;
    for (std::int64_t i = 0; i < count; ++i) wheel.add(1'000'000'000 / (flatness + i));
    return wheel;
}

}  // namespace dayu::bench
