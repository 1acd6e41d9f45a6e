#include "dayu/answers.h"

#include <gtest/gtest.h>

#include "dayu/outcome.h"
#include "dayu/output.h"

namespace dayu::app {
namespace {

wire::Json parse(std::string_view text) { return *wire::parse_json(text); }

TEST(ShortDecimal, RoundsTheText) {
    EXPECT_EQ(short_decimal("12.340000", 4), "12.34");
    EXPECT_EQ(short_decimal("12.000000", 4), "12.00");
    EXPECT_EQ(short_decimal("0.000050", 4), "0.0001");
    EXPECT_EQ(short_decimal("9.999950", 4), "10.00");
    EXPECT_EQ(short_decimal("-0.999999", 2), "-1.00");
    EXPECT_EQ(short_decimal("0.000009", 4), "0.000009");  // little is not nothing
    EXPECT_EQ(short_decimal("0.000000", 4), "0.00");
    EXPECT_EQ(short_decimal("", 4), "");
}

TEST(ShortWords, AreThoseOfPeople) {
    EXPECT_EQ(short_seconds(0), "0s");
    EXPECT_EQ(short_seconds(5400), "1h30m");
    EXPECT_EQ(short_seconds(86'400), "1d");
    EXPECT_EQ(bytes(0), "0");
    EXPECT_EQ(bytes(90'000), "88K");
    EXPECT_EQ(bytes(1536), "1.5K");
    EXPECT_EQ(chips("A100-80GB", 8000), "A100-80GB×8");
    EXPECT_EQ(chips("A100-80GB", 500), "A100-80GB×0.5");
    EXPECT_EQ(chips("A100-80GB", 0), "cpu");
    EXPECT_EQ(gibibytes(1536), "1.5");
}

TEST(StateWord, IsSlurms) {
    const auto letters = [](std::string_view job) { return state_word(parse(job)).letters; };
    EXPECT_EQ(letters(R"({"state":"PENDING"})"), "PD");
    EXPECT_EQ(letters(R"({"state":"ACTIVE","phase":"PLANNED"})"), "CF");
    EXPECT_EQ(letters(R"({"state":"ACTIVE","phase":"RUNNING"})"), "R");
    EXPECT_EQ(letters(R"({"state":"OUT_OF_MEMORY","phase":null})"), "OOM");
    EXPECT_EQ(letters(R"({"state":"SOMETHING_NEW"})"), "SOMETHING_NEW");
}

TEST(ExitCode, IsTheJobsOwnUnlessThePlatformEndedIt) {
    const auto code = [](std::string_view job) { return exit_code_of(parse(job)); };
    EXPECT_EQ(code(R"({"state":"COMPLETED","cause":"exited","code":0,"signal":0})"), 0);
    EXPECT_EQ(code(R"({"state":"FAILED","cause":"exited","code":7,"signal":0})"), 7);
    EXPECT_EQ(code(R"({"state":"FAILED","cause":"exited","code":0,"signal":11})"), 139);
    EXPECT_EQ(code(R"({"state":"OUT_OF_MEMORY","cause":"oom","code":0,"signal":9})"), 137);
    EXPECT_EQ(code(R"({"state":"CANCELLED","cause":"cancelled","code":0,"signal":15})"), 1);
    EXPECT_EQ(code(R"({"state":"CANCELLED","cause":null,"code":0,"signal":0})"), 1);
    EXPECT_EQ(code(R"({"state":"FAILED","cause":"start_failed","code":3,"signal":0})"), 1);
}

TEST(Yaml, QuotesWhatAReaderCouldTakeForSomethingElse) {
    EXPECT_EQ(
        to_yaml(parse(R"({"a":"no","b":"1","c":"plain-word","d":1,"e":null,"f":[],"g":"x: y"})")),
        "a: \"no\"\nb: \"1\"\nc: plain-word\nd: 1\ne: null\nf: []\ng: \"x: y\"\n");
    EXPECT_EQ(to_yaml(parse(R"([{"a":1,"b":[{"c":2},3]},[4]])")),
              "- a: 1\n  b:\n    - c: 2\n    - 3\n- - 4\n");
}

}  // namespace
}  // namespace dayu::app
