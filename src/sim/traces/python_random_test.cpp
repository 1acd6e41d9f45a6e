// Expected values are those of CPython 3.11's `random`.
#include "sim/traces/python_random.h"

#include <gtest/gtest.h>

namespace dayu::sim {
namespace {

TEST(PythonRandom, DrawsWhatPythonDraws) {
    PythonRandom zero(0);
    EXPECT_EQ(zero.random(), 0.8444218515250481);
    EXPECT_EQ(zero.random(), 0.7579544029403025);
    PythonRandom five(5);
    EXPECT_EQ(five.bits(), 2675342405u);
    EXPECT_EQ(five.bits(), 1097127993u);
}

TEST(PythonRandom, ChoosesAndSpreadsAsPythonDoes) {
    PythonRandom random(42);
    EXPECT_EQ(random.random(), 0.6394267984578837);
    EXPECT_EQ(random.uniform(1.5, 3), 1.5375161328340003);
    for (const std::size_t expected : {8, 7, 7, 4, 23, 3, 21, 23})
        EXPECT_EQ(random.choice(26), expected);
}

TEST(PythonRandom, TakesSeedsOfMoreThanOneWord) {
    PythonRandom random((std::uint64_t{1} << 40) + 7);
    EXPECT_EQ(random.random(), 0.6137037779936511);
    EXPECT_EQ(random.bits(), 3500038837u);
}

TEST(PythonRandom, IsRightBeyondItsFirstStateOfNumbers) {
    PythonRandom random(5);
    std::uint32_t last = 0;
    for (int i = 0; i < 703; ++i) last = random.bits();
    EXPECT_EQ(last, 4089861196u);
}

}  // namespace
}  // namespace dayu::sim
