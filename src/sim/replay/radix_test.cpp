// Sorted by digits as by comparison.
#include "sim/replay/radix.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "sim/random.h"

namespace dayu::sim {
namespace {

TEST(Radix, SortsAsComparisonsDo) {
    Random random(1);
    std::vector<double> values;
    for (int i = 0; i < 3000; ++i)
        values.push_back(
            static_cast<double>(random.between(Duration{-50'000}, Duration{50'000}).ms) / 1000);
    values.insert(values.end(), {0.0, 1e300, -1e300, 1e-300, 1e9});
    std::vector<double> expected = values;
    std::ranges::sort(expected);
    sort_ascending(values);
    EXPECT_EQ(values, expected);
}

TEST(Radix, EqualOnesStayInTheirOrder) {
    EXPECT_EQ(ascending_places(std::vector<double>{2, 1, 2, 1, 0}),
              (std::vector<std::uint32_t>{4, 1, 3, 0, 2}));
    EXPECT_TRUE(ascending_places({}).empty());
}

}  // namespace
}  // namespace dayu::sim
