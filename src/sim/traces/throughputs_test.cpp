#include "sim/traces/throughputs.h"

#include <gtest/gtest.h>

namespace dayu::sim {
namespace {

// clang-format off
constexpr std::string_view table = R"json({
  "fast": {"('A3C', 1)": {"null": 8, "('LM (batch size 5)', 1)": [5.5, 2]},
           "('LM (batch size 5)', 1)": {"('A3C', 1)": [2, 5.5], "null": 3}},
  "slow": {"('A3C', 1)": {"null": 4.0}, "('LM (batch size 5)', 1)": {"null": 0.0}},
  "fast_unconsolidated": {"whatever": {"null": [1, 2, 3]}}
})json";
// clang-format on

std::string complaint(std::string_view text) {
    const auto read = parse_throughputs(text, {"fast"});
    return read.ok() ? "" : read.error().message;
}

TEST(Throughputs, KnowsJobsAloneAndInPairs) {
    const auto read = parse_throughputs(table, {"slow", "fast"});
    ASSERT_TRUE(read.ok()) << read.error().message;
    const auto a3c = read->find("A3C", 1), lm = read->find("LM (batch size 5)", 1);
    ASSERT_TRUE(a3c && lm);
    EXPECT_EQ(read->shapes[*a3c].alone[0], 4);
    EXPECT_EQ(read->shapes[*a3c].alone[1], 8);
    EXPECT_EQ(read->shapes[*lm].alone[0], 0);
    EXPECT_EQ(read->pairs.rate(1, *a3c, *lm), 5.5);
    EXPECT_EQ(read->pairs.rate(1, *lm, *a3c), 2);
    EXPECT_EQ(read->pairs.rate(0, *lm, *a3c), 0);
    EXPECT_FALSE(read->find("A3C", 2));
}

TEST(Throughputs, SaysWhatIsWrongWhere) {
    EXPECT_EQ(complaint("{}"), "there is no table \"fast\"");
    EXPECT_EQ(complaint(R"json({"fast": {"A3C": {}}})json"),
              "table \"fast\", row \"A3C\": a key is written \"('CycleGAN', 1)\": type and chips");
    EXPECT_EQ(complaint(R"json({"fast": {"('A3C', 1)": {"null": -1}}})json"),
              "table \"fast\", row \"('A3C', 1)\": -1 is no rate from 0");
    EXPECT_EQ(complaint(R"json({"fast": {"('A3C', 1)": {"null": "8"}}})json"),
              "table \"fast\", row \"('A3C', 1)\": a text stands where a rate should");
    EXPECT_EQ(complaint(R"json({"fast": {"('A3C', 1)": {"('A3C', 1)": [1]}}})json"),
              "table \"fast\", row \"('A3C', 1)\": two rates beside another are expected");
    EXPECT_EQ(complaint(R"json({"fast": {"('A3C', 1)": {"('A3C', 1)": 1}}})json"),
              "table \"fast\", row \"('A3C', 1)\": one rate alone and two beside another are "
              "expected");
    EXPECT_NE(complaint("[1]"), "");
    EXPECT_NE(complaint("{\"fast\""), "");
}

}  // namespace
}  // namespace dayu::sim
