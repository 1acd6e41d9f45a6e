// The vectors that RFC 8785 publishes.
#include "wire/canonical.h"

#include <bit>
#include <cstdint>

#include <gtest/gtest.h>

#include "wire/json.h"

namespace dayu::wire {
namespace {

struct NumberVector {
    std::uint64_t bits;
    std::string_view text;
};

// Appendix B, with its table of doubles.
constexpr NumberVector appendix_b[] = {
    {0x0000000000000000, "0"},
    {0x8000000000000000, "0"},
    {0x0000000000000001, "5e-324"},
    {0x8000000000000001, "-5e-324"},
    {0x7fefffffffffffff, "1.7976931348623157e+308"},
    {0xffefffffffffffff, "-1.7976931348623157e+308"},
    {0x4340000000000000, "9007199254740992"},
    {0xc340000000000000, "-9007199254740992"},
    {0x4430000000000000, "295147905179352830000"},
    {0x44b52d02c7e14af5, "9.999999999999997e+22"},
    {0x44b52d02c7e14af6, "1e+23"},
    {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
    {0x444b1ae4d6e2ef4e, "999999999999999700000"},
    {0x444b1ae4d6e2ef4f, "999999999999999900000"},
    {0x444b1ae4d6e2ef50, "1e+21"},
    {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
    {0x3eb0c6f7a0b5ed8d, "0.000001"},
    {0x41b3de4355555553, "333333333.3333332"},
    {0x41b3de4355555554, "333333333.33333325"},
    {0x41b3de4355555555, "333333333.3333333"},
    {0x41b3de4355555556, "333333333.3333334"},
    {0x41b3de4355555557, "333333333.33333343"},
    {0xbecbf647612f3696, "-0.0000033333333333333333"},
    {0x43143ff3c1cb0959, "1424953923781206.2"},
};

TEST(Canonical, NumbersOfAppendixB) {
    for (const NumberVector& vector : appendix_b) {
        std::string text;
        ASSERT_TRUE(append_es6_number(text, std::bit_cast<double>(vector.bits)).ok());
        EXPECT_EQ(text, vector.text);
    }
}

TEST(Canonical, NanAndInfinityOfAppendixBAreErrors) {
    for (const std::uint64_t bits :
         {0x7fffffffffffffffU, 0x7ff0000000000000U, 0xfff0000000000000U}) {
        std::string text;
        EXPECT_FALSE(append_es6_number(text, std::bit_cast<double>(bits)).ok());
    }
}

TEST(Canonical, SampleOfSection322) {
    const Result<std::string> text = canonicalize(R"({
        "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]
    })");
    ASSERT_TRUE(text.ok()) << text.error().message;
    EXPECT_EQ(*text,
              "{\"literals\":[null,true,false],"
              "\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
              "\"string\":\"\xE2\x82\xAC$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

constexpr std::string_view sorting_sample = R"({
    "\u20ac": "Euro Sign",
    "\r": "Carriage Return",
    "\ufb33": "Hebrew Letter Dalet With Dagesh",
    "1": "One",
    "\ud83d\ude00": "Emoji: Grinning Face",
    "\u0080": "Control",
    "\u00f6": "Latin Small Letter O With Diaeresis"
})";

TEST(Canonical, KeysOfSection323SortByUtf16) {
    const Result<std::string> text = canonicalize(sorting_sample);
    ASSERT_TRUE(text.ok());
    EXPECT_EQ(*text,
              "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xC2\x80\":\"Control\","
              "\"\xC3\xB6\":\"Latin Small Letter O With Diaeresis\",\"\xE2\x82\xAC\":\"Euro Sign\","
              "\"\xF0\x9F\x98\x80\":\"Emoji: Grinning Face\","
              "\"\xEF\xAC\xB3\":\"Hebrew Letter Dalet With Dagesh\"}");
}

TEST(Canonical, OurOwnWriterAgrees) {
    const Result<Json> json = parse_json(sorting_sample);
    ASSERT_TRUE(json.ok());
    EXPECT_EQ(to_text(*json), *canonicalize(sorting_sample));
}

TEST(Canonical, NumbersOutOfRange) {
    EXPECT_EQ(*canonicalize("[1e-400, -0, -0.0, 9007199254740993]"), "[0,0,0,9007199254740992]");
    EXPECT_EQ(canonicalize("1e400").error().code, "json_number_too_large");
}

TEST(Canonical, DuplicateKeysAreRefused) {
    EXPECT_EQ(canonicalize(R"({"a":1,"b":2,"a":3})").error().code, "json_duplicate_key");
}

}  // namespace
}  // namespace dayu::wire
