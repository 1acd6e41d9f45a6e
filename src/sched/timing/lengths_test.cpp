// How long jobs work, as learned, and what budget of waiting they have.
#include "sched/timing/lengths.h"

#include <gtest/gtest.h>

#include "sched/timing/wait_budget.h"

namespace dayu::sched {
namespace {

constexpr std::int64_t hour = 12;  // steps
constexpr TimingKind any{.longest_wait = 24 * hour, .shortest = 0, .below = 0};
constexpr TimingKind short_ones{.longest_wait = 6 * hour, .shortest = 0, .below = 2 * hour};
constexpr TimingKind long_ones{.longest_wait = 24 * hour, .shortest = 2 * hour, .below = 0};
constexpr LengthPrior nothing_believed{.weighs = 0};

TEST(Lengths, TheirPriorIsCutToTheBoundsOfTheKind) {
    const SurvivalCurve brief = Lengths(short_ones, {}, hour).curve();
    EXPECT_DOUBLE_EQ(brief.after(0), 1);
    EXPECT_GT(brief.after(2 * hour - 1), 0);
    EXPECT_DOUBLE_EQ(brief.after(2 * hour), 0);
    const SurvivalCurve lasting = Lengths(long_ones, {}, hour).curve();
    EXPECT_DOUBLE_EQ(lasting.after(2 * hour), 1);
    EXPECT_LT(lasting.after(3 * hour), 1);
    EXPECT_DOUBLE_EQ(lasting.work_between(0, 2 * hour), 2 * hour);
}

TEST(Lengths, HalfOfALogNormalPriorIsLongerThanItsMedian) {
    const SurvivalCurve curve = Lengths(any, {.median_h = 3, .log_sd = 1}, hour).curve();
    EXPECT_NEAR(curve.after(3 * hour), 0.5, 1e-12);
}

TEST(Lengths, WhatEndedOutweighsThePrior) {
    Lengths lengths(any, {.median_h = 30, .log_sd = 1}, hour);
    for (std::uint32_t job = 0; job < 1000; ++job) lengths.ended(job, 3 * hour);
    EXPECT_GT(lengths.curve().after(2 * hour), 0.99);
    EXPECT_LT(lengths.curve().after(4 * hour), 0.01);
}

// Kaplan and Meier by hand: of four, one ends after 1 h, one is still there after 2 h, one ends
// after 3 h and one after 4 h.
TEST(Lengths, WhoStillWorksCountsAsLongUntilThen) {
    Lengths lengths(any, nothing_believed, hour);
    lengths.ended(0, hour);
    lengths.works(1, 2 * hour);
    lengths.ended(2, 3 * hour);
    lengths.ended(3, 4 * hour);
    const SurvivalCurve curve = lengths.curve();
    EXPECT_DOUBLE_EQ(curve.after(hour), 3.0 / 4);
    EXPECT_DOUBLE_EQ(curve.after(3 * hour), 3.0 / 4 * 1 / 2);
    EXPECT_DOUBLE_EQ(curve.after(4 * hour), 0);
}

TEST(WaitBudget, SetsAsideWhatIsSureAndKnowsWhatIsExpected) {
    WaitBudget budget;
    budget.allow(10);
    budget.allow(20);
    budget.book(7, {.waited = 0, .set_aside = 12, .expected = 18.5});
    EXPECT_EQ(budget.free(), 18);
    EXPECT_DOUBLE_EQ(budget.spare(), 11.5);
    budget.book(7, {.waited = 9, .set_aside = 2, .expected = 2});
    EXPECT_EQ(budget.free(), 19);
    EXPECT_DOUBLE_EQ(budget.spare(), 19);
    budget.ended(7, 10);
    EXPECT_EQ(budget.free(), 20);
    EXPECT_DOUBLE_EQ(budget.spare(), 20);
}

}  // namespace
}  // namespace dayu::sched
