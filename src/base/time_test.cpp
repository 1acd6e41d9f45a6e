#include "base/time.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace dayu {
namespace {

TEST(Time, IsWrittenInUtcWithMilliseconds) {
    EXPECT_EQ(to_string(Time{0}), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(to_string(Time{1'796'083'200'123}), "2026-12-01T00:00:00.123Z");
}

TEST(Time, ReadsOffsets) {
    EXPECT_EQ(*parse_time("2026-12-01T08:00:00+08:00"), *parse_time("2026-12-01T00:00:00Z"));
    EXPECT_EQ(*parse_time("2026-12-01T00:00:00.5Z"), Time{1'796'083'200'500});
    for (const char* text :
         {"", "2026-12-01", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-12-01T24:00:00Z",
          "2026-12-01T00:00:00", "2026-12-01T00:00:00Zx"}) {
        EXPECT_EQ(parse_time(text).error().code, "time_malformed") << text;
    }
}

// Such a time in a job file would be written to the journal, and the journal not be read again.
TEST(Time, StaysWithinYearsOfFourDigits) {
    for (const char* text : {"9999-12-31T23:59:59.999Z", "0000-01-01T00:00:00.000Z"})
        EXPECT_EQ(to_string(*parse_time(text)), text);
    EXPECT_EQ(to_string(*parse_time("9999-12-31T23:59:59+00:01")), "9999-12-31T23:58:59.000Z");
    for (const char* text :
         {"9999-12-31T23:59:60Z", "9999-12-31T23:59:59-00:01", "0000-01-01T00:00:00+00:01"}) {
        EXPECT_EQ(parse_time(text).error().code, "time_malformed") << text;
    }
}

TEST(Duration, ReadsWhatPeopleWrite) {
    EXPECT_EQ(*parse_duration("2h"), seconds(7200));
    EXPECT_EQ(*parse_duration("1h30m"), seconds(5400));
    EXPECT_EQ(*parse_duration("45"), seconds(45));
    EXPECT_EQ(*parse_duration("250ms"), milliseconds(250));
    EXPECT_EQ(*parse_duration("4294967295ms"), milliseconds(4'294'967'295));
    for (const char* text : {"", "h", "-5s", "5x", "1h30", "99999999999999d", "1.5h"}) {
        EXPECT_EQ(parse_duration(text).error().code, "duration_malformed") << text;
    }
}

RC_GTEST_PROP(Time, SurvivesTheWayThroughText, (std::uint32_t seconds_part, std::uint16_t ms)) {
    const Time time{std::int64_t{seconds_part} * 1000 + ms % 1000};
    RC_ASSERT(*parse_time(to_string(time)) == time);
}

RC_GTEST_PROP(Duration, SurvivesTheWayThroughText, (std::uint32_t ms)) {
    RC_ASSERT(*parse_duration(to_string(Duration{ms})) == Duration{ms});
}

}  // namespace
}  // namespace dayu
