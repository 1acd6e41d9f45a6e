#include "plan/terms.h"

#include <gtest/gtest.h>

namespace dayu::plan {
namespace {

constexpr HourTerms declared{.price_per_chip_h = 10, .carbon_g_per_kwh = 500, .pue = 1.2};

TEST(Terms, WithoutHoursAreTheSameAlways) {
    const Terms terms = HourTable().terms_of("suzhou", declared);
    const TermSums sums = sums_of(terms, 7.5, 100.25);
    EXPECT_DOUBLE_EQ(sums.yuan_per_chip, 1002.5);
    EXPECT_DOUBLE_EQ(sums.kwh_per_kw, 120.3);
    EXPECT_DOUBLE_EQ(sums.carbon_g_per_kw, 60150);
}

TEST(Terms, AreSummedOverTheHoursOfTheRun) {
    const Terms terms{{.price_per_chip_h = 1, .carbon_g_per_kwh = 100, .pue = 1},
                      {.price_per_chip_h = 3, .carbon_g_per_kwh = 200, .pue = 2}};
    // From the middle of the first hour: half of it, the second, the first, and half of the second.
    const TermSums sums = sums_of(terms, 0.5, 3);
    EXPECT_DOUBLE_EQ(sums.yuan_per_chip, 0.5 * 1 + 3 + 1 + 0.5 * 3);
    EXPECT_DOUBLE_EQ(sums.kwh_per_kw, 0.5 * 1 + 2 + 1 + 0.5 * 2);
}

// Where power is dirtiest when cooling is dearest, the product of means would tell too little.
TEST(Terms, CarbonIsOfTheEnergyOfItsOwnHour) {
    const Terms terms{{.carbon_g_per_kwh = 100, .pue = 1}, {.carbon_g_per_kwh = 300, .pue = 2}};
    EXPECT_DOUBLE_EQ(sums_of(terms, 0, 2).carbon_g_per_kw, 700);
    EXPECT_DOUBLE_EQ(sums_of(terms, 0, 2000).carbon_g_per_kw, 700'000);
    EXPECT_DOUBLE_EQ(sums_of(terms, 5, 1).carbon_g_per_kw, 600);
}

TEST(HourTable, KeepsWhatIsDeclaredWhereAFieldIsEmpty) {
    const auto table = HourTable::parse("hours.csv",
                                        "center,price_part,carbon_g_per_kwh,pue\n"
                                        "suzhou,0.5,,\nsuzhou,1.5,700,1.3\n,1,250,\n");
    ASSERT_TRUE(table) << table.error().message;
    const Terms suzhou = table->terms_of("suzhou", declared);
    ASSERT_EQ(suzhou.size(), 2U);
    EXPECT_EQ(suzhou[0].price_per_chip_h, 5);
    EXPECT_EQ(suzhou[0].carbon_g_per_kwh, 500);
    EXPECT_EQ(suzhou[1].pue, 1.3);
    const Terms other = table->terms_of("wuhan", declared);
    ASSERT_EQ(other.size(), 1U);
    EXPECT_EQ(other[0].carbon_g_per_kwh, 250);
}

TEST(HourTable, RefusesAPueBelowOne) {
    const auto table =
        HourTable::parse("hours.csv", "center,price_part,carbon_g_per_kwh,pue\na,1,,0.9\n");
    ASSERT_FALSE(table);
    EXPECT_EQ(table.error().code, "plan_data_invalid");
    EXPECT_NE(table.error().message.find("pue"), std::string::npos);
}

}  // namespace
}  // namespace dayu::plan
