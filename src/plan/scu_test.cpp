#include "plan/scu.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace dayu::plan {
namespace {

std::string table(const std::string& name) {
    std::ifstream file("data/plan/" + name);
    return {std::istreambuf_iterator<char>(file), {}};
}

Knowledge shipped() {
    return {
        .chips = Chips::parse("chips.csv", table("chips.csv")).value(),
        .calibrations = Calibrations::parse("calibrations.csv", table("calibrations.csv")).value(),
        .layers =
            MeasuredLayers::parse("measured_layers.csv", table("measured_layers.csv")).value(),
        .models = KnownModels::parse("models.csv", table("models.csv")).value(),
        .launchers = {}};
}

const ScuRow& row_of(const std::vector<ScuRow>& rows, std::string_view chip) {
    return *std::ranges::find(rows, chip, &ScuRow::chip);
}

TEST(Scu, OneA100IsOne) {
    const std::vector<ScuRow> rows = scu_table(shipped(), {}).value();
    const ScuRow& unit = row_of(rows, "A100-80GB");
    EXPECT_DOUBLE_EQ(unit.scu.value, 1);
    EXPECT_DOUBLE_EQ(unit.scu.low, 1);
    EXPECT_GT(row_of(rows, "H100").scu.value, 1.5);
    const ScuRow& ascend = row_of(rows, "Ascend-910B");
    EXPECT_LT(ascend.scu.low, ascend.scu.value);
    EXPECT_LT(ascend.scu.value, ascend.scu.high);
}

TEST(Scu, WhatAttemptsMeasuredMovesItAndNarrowsIt) {
    const std::vector<ScuRow> before = scu_table(shipped(), {}).value();
    const ScuRow& was = row_of(before, "Ascend-910B");
    // Under the registry's name; a fifth longer than forecast, each time.
    const std::vector<StepRatios> measured{{.work = was.work,
                                            .chip = "Ascend910B",
                                            .framework = was.framework,
                                            .attempts = 50,
                                            .sum_ppm = 50 * 182'322,
                                            .squares_ppm = 50 * 33'241,
                                            .version = 7}};
    const std::vector<ScuRow> after = scu_table(shipped(), measured).value();
    const ScuRow& now = row_of(after, "Ascend-910B");
    EXPECT_NEAR(now.scu.value / was.scu.value, 1 / 1.2, 0.01);
    EXPECT_LT(now.scu.high / now.scu.low, was.scu.high / was.scu.low);
    EXPECT_EQ(now.measured.attempts, 50);
    EXPECT_EQ(after.size(), before.size());
}

}  // namespace
}  // namespace dayu::plan
