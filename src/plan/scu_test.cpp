#include "plan/scu.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "plan/testing/shipped.h"

namespace dayu::plan {
namespace {

const ScuRow& row_of(const std::vector<ScuRow>& rows, std::string_view chip) {
    return *std::ranges::find(rows, chip, &ScuRow::chip);
}

TEST(Scu, OneA100IsOne) {
    const std::vector<ScuRow> rows = scu_table(testing::shipped_knowledge(), {}).value();
    const ScuRow& unit = row_of(rows, "A100-80GB");
    EXPECT_DOUBLE_EQ(unit.scu.value, 1);
    EXPECT_DOUBLE_EQ(unit.scu.low, 1);
    EXPECT_GT(row_of(rows, "H100").scu.value, 1.5);
    const ScuRow& ascend = row_of(rows, "Ascend-910B");
    EXPECT_LT(ascend.scu.low, ascend.scu.value);
    EXPECT_LT(ascend.scu.value, ascend.scu.high);
}

TEST(Scu, WhatAttemptsMeasuredMovesItAndNarrowsIt) {
    const std::vector<ScuRow> before = scu_table(testing::shipped_knowledge(), {}).value();
    const ScuRow& was = row_of(before, "Ascend-910B");
    // Under the registry's name; a fifth longer than forecast, each time.
    const std::vector<StepRatios> measured{{.work = was.work,
                                            .chip = "Ascend910B",
                                            .framework = was.framework,
                                            .attempts = 50,
                                            .sum_ppm = 50 * 182'322,
                                            .squares_ppm = 50 * 33'241,
                                            .version = 7}};
    const std::vector<ScuRow> after = scu_table(testing::shipped_knowledge(), measured).value();
    const ScuRow& now = row_of(after, "Ascend-910B");
    EXPECT_NEAR(now.scu.value / was.scu.value, 1 / 1.2, 0.01);
    EXPECT_LT(now.scu.high / now.scu.low, was.scu.high / was.scu.low);
    EXPECT_EQ(now.measured.attempts, 50);
    EXPECT_EQ(after.size(), before.size());
}

}  // namespace
}  // namespace dayu::plan
