#include "engine/process/steps.h"

#include <unistd.h>

#include <fstream>

#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"

namespace dayu::engine {
namespace {

TEST(Steps, AreSummedUpByTheirMedian) {
    const auto of = [](std::string_view text) { return summary_of_steps(text); };
    EXPECT_EQ(of(""), std::nullopt);
    EXPECT_EQ(of("step,seconds\nnothing\n"), std::nullopt);
    EXPECT_EQ(of("2\n1\n3\n"), (StepSummary{.count = 3, .median_us = 2'000'000}));
    EXPECT_EQ(of("step,seconds\n1,0.5\r\n2, 0.25\n3,0.75"),
              (StepSummary{.count = 3, .median_us = 500'000}));
    EXPECT_EQ(of("1e300\n-1\n0\nnan\n2\n"), (StepSummary{.count = 1, .median_us = 2'000'000}));
}

TEST(Steps, TheFirstAreWarmingUp) {
    std::string text = "100\n100\n";
    for (int i = 0; i < 18; ++i) text += "1\n";
    EXPECT_EQ(summary_of_steps(text), (StepSummary{.count = 18, .median_us = 1'000'000}));
}

TEST(Steps, OfALongFileTheLastCount) {
    const TemporaryFolder folder;
    const std::string path = folder.path() + "/steps";
    std::ofstream file(path);
    for (int i = 0; i < 500'000; ++i) file << "9.000\n";
    for (int i = 0; i < 200'000; ++i) file << "1.000\n";
    file.close();
    EXPECT_EQ(read_steps(path)->median_us, 1'000'000);
}

TEST(Steps, ALinkIsNotFollowed) {
    const TemporaryFolder folder;
    std::ofstream(folder.path() + "/real") << "1\n";
    ASSERT_EQ(::symlink((folder.path() + "/real").c_str(), (folder.path() + "/link").c_str()), 0);
    EXPECT_TRUE(read_steps(folder.path() + "/real"));
    EXPECT_FALSE(read_steps(folder.path() + "/link"));
    EXPECT_FALSE(read_steps(folder.path() + "/none"));
    EXPECT_FALSE(read_steps(folder.path()));
}

}  // namespace
}  // namespace dayu::engine
