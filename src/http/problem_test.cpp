#include "http/problem.h"

#include <gtest/gtest.h>

namespace dayu::http {
namespace {

TEST(Problem, CarriesStatusTitleCodeAndDetail) {
    const Response response = problem(invalid("bad_field", "chips: \"-1\" is not a count"));
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_EQ(response.body,
              R"({"type":"about:blank","title":"Bad Request","status":400,"code":"bad_field",)"
              R"("detail":"chips: \"-1\" is not a count"})"
              "\n");
}

TEST(Problem, TakesAStatusOfItsOwn) {
    EXPECT_EQ(problem(413, exhausted("body_too_large", "")).status, 413);
    EXPECT_EQ(reason_phrase(413), "Content Too Large");
    EXPECT_EQ(reason_phrase(799), "Status 799");
}

TEST(Problem, EscapesWhatJsonDoesNotAllow) {
    EXPECT_EQ(json_string("a\"b\\c\n\r\t\x01\x1f/\x7f"),
              "\"a\\\"b\\\\c\\n\\r\\t\\u0001\\u001f/\x7f\"");
    EXPECT_EQ(json_string(std::string_view("\0", 1)), "\"\\u0000\"");
    EXPECT_EQ(json_string("大禹 😀"), "\"大禹 😀\"");
}

TEST(Problem, ReplacesWhatIsNotUtf8) {
    const std::string bad = "\"\xEF\xBF\xBD\"";
    EXPECT_EQ(json_string("\xFF"), bad);
    EXPECT_EQ(json_string("\xC0"), bad);
    EXPECT_EQ(json_string("\xE5\xA4"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");  // cut short
    EXPECT_EQ(json_string("\xC0\xAF"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");  // overlong
    EXPECT_EQ(json_string("\xED\xA0\x80").size(), 2 + 9);                // a surrogate
    EXPECT_EQ(json_string("\xF4\x90\x80\x80").size(), 2 + 12);           // too large
    EXPECT_EQ(json_string("\xF0\x9F\x98\x80"), "\"\xF0\x9F\x98\x80\"");
}

}  // namespace
}  // namespace dayu::http
