#include "base/money.h"

#include <limits>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace dayu {
namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

TEST(Money, IsWrittenWithSixDecimals) {
    EXPECT_EQ(to_string(Money{12'340'000}), "12.340000");
    EXPECT_EQ(to_string(Money{-1}), "-0.000001");
    EXPECT_EQ(to_string(Money{std::numeric_limits<std::int64_t>::min()}), "-9223372036854.775808");
}

TEST(Money, ReadsWhatPeopleWrite) {
    EXPECT_EQ(*parse_money("500"), Money{500'000'000});
    EXPECT_EQ(*parse_money("-0.5"), Money{-500'000});
    for (const char* text : {"", "-", ".5", "1.", "1.1234567", "1e3", "1,000", " 1", "١"}) {
        EXPECT_EQ(parse_money(text).error().code, "money_malformed") << text;
    }
    EXPECT_EQ(parse_money("9999999999999.0").error().code, "money_overflow");
    for (const std::int64_t extreme : {most, -most - 1}) {  // what was written is read again
        EXPECT_EQ(*parse_money(to_string(Money{extreme})), Money{extreme});
    }
}

TEST(Money, NeverWraps) {
    EXPECT_EQ(add(Money{most}, Money{1}).error().code, "money_overflow");
    EXPECT_EQ(subtract(Money{-most}, Money{2}).error().code, "money_overflow");
    EXPECT_EQ(scale(Money{most}, 2, 1).error().code, "money_overflow");
}

TEST(Money, ScalesHalfAwayFromZero) {
    EXPECT_EQ(*scale(Money{1}, 1, 2), Money{1});
    EXPECT_EQ(*scale(Money{-1}, 1, 2), Money{-1});
    EXPECT_EQ(*scale(Money{10}, 1, 3), Money{3});
    EXPECT_EQ(*scale(Money{most}, most, most), Money{most});
}

RC_GTEST_PROP(Money, SurvivesTheWayThroughText, (std::int32_t yuan, std::uint32_t micro)) {
    const Money money{yuan * micro_yuan_per_yuan + micro % micro_yuan_per_yuan};
    RC_ASSERT(*parse_money(to_string(money)) == money);
}

}  // namespace
}  // namespace dayu
