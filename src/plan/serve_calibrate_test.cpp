#include "plan/serve_calibrate.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "plan/testing/shipped.h"
#include "plan/testing/transformers.h"

namespace dayu::plan {
namespace {

ServeRow row(std::string version, double concurrency, double tpot_s) {
    ServeRow row;
    row.family = "dense";
    row.chip = "H200";
    row.engine = "vllm";
    row.version = std::move(version);
    row.shape = testing::llama2_70b;
    row.plan = {.tp = 4};
    row.load = {.isl = 1024, .osl = 1024};
    row.concurrency = concurrency;
    row.measured_ttft_s = 0.2 + 1e-3 * concurrency;
    row.measured_tpot_s = tpot_s;
    return row;
}

// Of one version that takes 20 ms a token and of another that takes 40.
std::vector<ServeRow> rows_of_two_versions() {
    std::vector<ServeRow> rows;
    for (int i = 1; i <= 15; ++i) {
        rows.push_back(row("0.9", i, 20e-3 + 1e-5 * i));
        rows.push_back(row("1.0", i, 40e-3 + 1e-5 * i));
    }
    return rows;
}

ServeCalibrations made_of(const std::vector<ServeRow>& rows) {
    const Chips chips = testing::shipped_as<Chips>("chips.csv");
    ServeFitSetting setting;
    setting.evaluations = 30;
    return ServeCalibrations{}.with(calibrate_serving(rows, chips, setting).calibrations);
}

TEST(CalibrateServing, VersionsWithRowsEnoughHaveConstantsOfTheirOwn) {
    const ServeCalibrations made = made_of(rows_of_two_versions());
    const ServeCalibration* const before = made.find("H200", "vllm", "0.9");
    const ServeCalibration* const after = made.find("H200", "vllm", "1.0");
    ASSERT_TRUE(before != nullptr && after != nullptr);
    EXPECT_EQ(before->engine_version, "0.9");
    EXPECT_EQ(before->rows, 15);
    EXPECT_LT(before->constants.layer_launch_s, after->constants.layer_launch_s);
    const ServeCalibration* const unknown = made.find("H200", "vllm", "2.0");
    ASSERT_TRUE(unknown != nullptr);
    EXPECT_EQ(unknown->engine_version, "");
    EXPECT_EQ(unknown->rows, 30);
    EXPECT_EQ(made.find("H100", "vllm", "0.9")->chip, "any");
}

TEST(CalibrateServing, OneVersionIsAllThatAChipHas) {
    std::vector<ServeRow> rows = rows_of_two_versions();
    for (ServeRow& one : rows) one.version = "0.9";
    const ServeCalibrations made = made_of(rows);
    for (const ServeCalibration& one : made.all()) EXPECT_EQ(one.engine_version, "");
}

TEST(CalibrateServing, AMeasurementThatStandsTwiceIsOne) {
    std::vector<ServeRow> rows = rows_of_two_versions();
    const std::size_t count = rows.size();
    for (std::size_t i = 0; i < count; ++i) {
        rows.push_back(rows[i]);
        rows.back().measured_tpot_s *= 1 + 1e-15;
        rows.back().engine = "trtllm";
    }
    const ServeCalibrations made = made_of(rows);
    EXPECT_TRUE(std::ranges::none_of(
        made.all(), [](const ServeCalibration& one) { return one.engine == "trtllm"; }));
}

TEST(CalibrateServing, IntervalsAreJudgedByRowsThatTheyHaveNotSeen) {
    std::vector<ServeRow> rows;
    for (int isl = 1; isl <= 40; ++isl) {
        rows.push_back(row("0.9", 8, (isl % 2 == 0 ? 18e-3 : 22e-3) + 1e-6 * isl));
        rows.back().load.isl = 1000 + isl;
    }
    rows[7].measured_tpot_s = 90e-3;
    ServeFitSetting setting;
    setting.evaluations = 30;
    const ServeCalibrated made =
        calibrate_serving(rows, testing::shipped_as<Chips>("chips.csv"), setting);
    ASSERT_EQ(made.left_out.size(), 1);
    EXPECT_GE(made.left_out[0].tpot.coverage, 0.8);
    EXPECT_LT(made.left_out[0].tpot.coverage, 1);
}

TEST(CalibrateServing, TablesAreReadAsTheyAreWritten) {
    const ServeCalibrations made = made_of(rows_of_two_versions());
    const ServeCalibrations read =
        ServeCalibrations::parse("made.csv", write_serve_calibrations(made.all())).value();
    ASSERT_EQ(read.all().size(), made.all().size());
    EXPECT_EQ(read.find("H200", "vllm", "1.0")->engine_version, "1.0");
    // Workers of split pools that nobody measured take the engine's.
    EXPECT_EQ(read.find_pools("H200", "vllm"), read.find("H200", "vllm"));
}

}  // namespace
}  // namespace dayu::plan
