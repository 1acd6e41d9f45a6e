#include "model/array_text.h"

#include <gtest/gtest.h>

namespace dayu {
namespace {

using Indices = std::vector<std::int64_t>;

TEST(ArrayText, RangesListsStepsAndALimit) {
    EXPECT_EQ(parse_array("0-3")->indices, (Indices{0, 1, 2, 3}));
    EXPECT_EQ(parse_array("7")->indices, Indices{7});
    EXPECT_EQ(parse_array("9,1,3-5")->indices, (Indices{1, 3, 4, 5, 9}));
    EXPECT_EQ(parse_array("0-100:50")->indices, (Indices{0, 50, 100}));
    EXPECT_EQ(parse_array("0-9%4")->at_most, 4);
    EXPECT_EQ(parse_array("0-9")->at_most, 0);
}

TEST(ArrayText, WhatIsNoneIsRefusedWithItsText) {
    for (const char* text : {"", "a", "1-", "-1", "3-1", "1,,2", "1,", "0-9%", "0-9%0", "0-9:0",
                             "5:2", "0-9%4%4", "99999999999999999999", "1 2"}) {
        const auto parsed = parse_array(text);
        ASSERT_FALSE(parsed.ok()) << text;
        EXPECT_EQ(parsed.error().code, "value_malformed") << text;
        EXPECT_NE(parsed.error().message.find(text), std::string::npos);
    }
    EXPECT_EQ(parse_array("1,1").error().code, "value_malformed");
    EXPECT_EQ(parse_array("0-10000").error().code, "value_out_of_range");
    EXPECT_EQ(parse_array("0-999999999999999").error().code, "value_out_of_range");
    EXPECT_EQ(parse_array("0-9223372036854775807").error().code, "value_out_of_range");
    EXPECT_EQ(parse_array("0-9999")->indices.size(), 10'000U);
    EXPECT_EQ(parse_array("0-9998,10000-10001").error().code, "value_out_of_range");
}

}  // namespace
}  // namespace dayu
