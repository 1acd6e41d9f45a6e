#include "sim/replay/fairness.h"

#include <gtest/gtest.h>

namespace dayu::sim {
namespace {

TEST(Fairness, WhoHasItsPartForItselfWaitsForItsOwnJobsAlone) {
    // Two projects of equal weight: each has half. Of the first, two jobs of half the world: one after the other.
    const std::vector<Finished> jobs{
        {.arrival_s = 0, .jct_s = 100, .duration_s = 100, .part = 0.5, .project = 0},
        {.arrival_s = 0, .jct_s = 100, .duration_s = 100, .part = 0.5, .project = 0},
        {.arrival_s = 50, .jct_s = 150, .duration_s = 100, .part = 0.5, .project = 1}};
    const std::vector<double> ratios = finish_time_ratios(jobs, std::vector<double>{1, 1});
    EXPECT_EQ(ratios, (std::vector<double>{1, 0.5, 1.5}));
}

TEST(Fairness, AJobThatIsWiderThanThePartRunsSlowerThere) {
    const std::vector<Finished> jobs{{.jct_s = 300, .duration_s = 100, .part = 1, .project = 0},
                                     {.jct_s = 100, .duration_s = 100, .part = 1, .project = 1}};
    const std::vector<double> ratios = finish_time_ratios(jobs, std::vector<double>{1, 3});
    EXPECT_DOUBLE_EQ(ratios[0], 300 / 400.0);
    EXPECT_DOUBLE_EQ(ratios[1], 100 / (400 / 3.0));
}

TEST(Fairness, ChipsAndCpusDoNotWaitForEachOther) {
    const std::vector<Finished> jobs{
        {.jct_s = 100, .duration_s = 100, .part = 1, .has_chips = true},
        {.jct_s = 100, .duration_s = 100, .part = 1, .has_chips = false}};
    EXPECT_EQ(finish_time_ratios(jobs, std::vector<double>{1}), (std::vector<double>{1, 1}));
}

TEST(Fairness, TimesBelowTenSecondsCountAsTen) {
    EXPECT_EQ(bounded_slowdown({.jct_s = 9, .duration_s = 1}), 1);
    EXPECT_EQ(bounded_slowdown({.jct_s = 50, .duration_s = 1}), 5);
    EXPECT_EQ(bounded_slowdown({.jct_s = 50, .duration_s = 25}), 2);
    EXPECT_EQ(
        finish_time_ratios(std::vector<Finished>{{.jct_s = 30, .part = 1}}, std::vector<double>{1}),
        (std::vector<double>{3}));
}

TEST(Fairness, JainsIndexIsOneWhereAllAreAlike) {
    EXPECT_DOUBLE_EQ(jain_index(std::vector<double>{2, 2, 2}), 1);
    EXPECT_DOUBLE_EQ(jain_index(std::vector<double>{1, 0, 0, 0}), 0.25);
    EXPECT_DOUBLE_EQ(jain_index({}), 1);
}

}  // namespace
}  // namespace dayu::sim
