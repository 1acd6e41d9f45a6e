#include "plan/chips.h"

#include <set>

#include <gtest/gtest.h>

#include "plan/testing/shipped.h"

namespace dayu::plan {
namespace {

std::string shipped() { return testing::shipped_table("chips.csv"); }

// The shipped table with one field of its second line written anew.
std::string with(std::string_view from, std::string_view to) {
    std::string text = shipped();
    text.replace(text.find(from, text.find('\n')), from.size(), to);
    return text;
}

TEST(Chips, TheShippedTableReads) {
    const auto chips = Chips::parse("chips.csv", shipped());
    ASSERT_TRUE(chips.ok()) << chips.error().message;
    ASSERT_GT(chips->all().size(), 20U);
    std::set<std::string> names;
    for (const Chip& chip : chips->all()) {
        EXPECT_FALSE(chip.source.empty()) << chip.name;
        EXPECT_EQ(chip.measured.gemm.rate > 0, chip.grade != Grade::specification) << chip.name;
        EXPECT_LT(chip.gemm().rate, chip.specification.bf16_rate) << chip.name;
        names.insert(chip.name);
        for (const std::string& alias : chip.aliases) names.insert(alias);
    }
    EXPECT_TRUE(names.contains("A100-80GB-SXM"));
}

TEST(Chips, AreFoundByAliasWhateverItsCase) {
    const auto chips = Chips::parse("chips.csv", shipped());
    ASSERT_TRUE(chips.ok());
    const auto chip = chips->find("ascend-910B3");
    ASSERT_TRUE(chip.ok());
    EXPECT_EQ((*chip)->name, "Ascend-910B");
    EXPECT_EQ((*chip)->fabric.node.wiring, Wiring::mesh);
    EXPECT_EQ(chips->find("H10O").error().kind, ErrorKind::not_found);
}

TEST(Chips, AWrongFieldIsNamedWithItsLine) {
    EXPECT_EQ(Chips::parse("chips.csv", with(",312,", ",much,")).error().message,
              "chips.csv:2: bf16_tflops is \"much\"; expected a number from 0, or nothing");
    EXPECT_EQ(Chips::parse("chips.csv", with(",switch,", ",star,")).error().message,
              "chips.csv:2: wiring is \"star\"; expected switch, mesh, ring");
}

TEST(Chips, WithoutMeasurementsAPartOfThePeakIsTaken) {
    const auto chips = Chips::parse("chips.csv", shipped());
    ASSERT_TRUE(chips.ok());
    const Chip& chip = **chips->find("MLU590");
    EXPECT_EQ(description_of(chip.grade), "specification only");
    EXPECT_DOUBLE_EQ(chip.gemm().rate, 0.75 * chip.specification.bf16_rate);
}

}  // namespace
}  // namespace dayu::plan
