#include "wire/json.h"

#include <rapidcheck.h>

#include <gtest/gtest.h>

#include "wire/utf8.h"

namespace dayu::wire {
namespace {

std::string code_of(std::string_view text) {
    const Result<Json> json = parse_json(text);
    return json.ok() ? "" : json.error().code;
}

TEST(Json, RefusesWhatWouldBeReadInTwoWays) {
    EXPECT_EQ(code_of(R"({"a":1,"a":2})"), "json_duplicate_key");
    EXPECT_EQ(code_of(R"({"a":{"b":1,"\u0062":2}})"), "json_duplicate_key");
    EXPECT_EQ(code_of("1.5"), "json_number_not_whole");
    EXPECT_EQ(code_of("1e2"), "json_number_not_whole");
    EXPECT_EQ(code_of("18446744073709551616"), "json_number_too_large");
    EXPECT_EQ(code_of("-9223372036854775809"), "json_number_too_large");
    EXPECT_EQ(code_of("\"\xC0\xAF\""), "not_utf8");
    EXPECT_EQ(code_of("\"\xED\xA0\x80\""), "not_utf8");
    EXPECT_EQ(code_of(R"("\ud800")"), "json_malformed");
    EXPECT_EQ(code_of("{} {}"), "json_malformed");
    EXPECT_EQ(code_of("[1,]"), "json_malformed");
    EXPECT_EQ(code_of("[1"), "json_malformed");
    EXPECT_EQ(code_of("01"), "json_malformed");
    EXPECT_EQ(code_of("// no\n1"), "json_malformed");
    EXPECT_EQ(code_of(""), "json_malformed");
    EXPECT_EQ(code_of(" 1 \n"), "");
}

TEST(Json, DepthHasALimit) {
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    EXPECT_EQ(code_of(nested(max_json_depth)), "");
    EXPECT_EQ(code_of(nested(max_json_depth + 1)), "json_too_deep");
    EXPECT_EQ(code_of(std::string(1'000'000, '[')), "json_too_deep");
}

TEST(Json, IntegersPastTheRangeOfADoubleAreStrings) {
    EXPECT_EQ(to_text(Json(std::int64_t{9007199254740992})), "9007199254740992");
    EXPECT_EQ(to_text(Json(std::int64_t{9007199254740993})), "\"9007199254740993\"");
    EXPECT_EQ(to_text(Json(std::int64_t{-9007199254740993})), "\"-9007199254740993\"");
    EXPECT_EQ(to_text(*parse_json("18446744073709551615")), "\"18446744073709551615\"");
}

TEST(Json, ControlCharactersAreEscapedAsTheRfcSays) {
    EXPECT_EQ(to_text(Json("\b\t\n\f\r\x01\x1f\x7f\"\\/")),
              "\"\\b\\t\\n\\f\\r\\u0001\\u001f\x7f\\\"\\\\/\"");
    EXPECT_EQ(to_text(Json(std::string("\0", 1))), "\"\\u0000\"");
}

TEST(Json, InvalidBytesBecomeReplacementCharacters) {
    EXPECT_EQ(to_text(Json("a\xFFz\xE4\xBD")), "\"a\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(Json, PrettyTextReadsBackTheSame) {
    const Json json = *parse_json(R"({"b":[1,{"c":[]}],"a":{},"d":null})");
    EXPECT_EQ(to_pretty_text(json),
              "{\n  \"a\": {},\n  \"b\": [\n    1,\n    {\n      \"c\": []\n    }\n  ],\n  \"d\": "
              "null\n}");
    EXPECT_EQ(*parse_json(to_pretty_text(json)), json);
}

TEST(Json, AnyTextReadsBackTheSame) {
    EXPECT_TRUE(rc::check([](const std::map<std::string, std::string>& members) {
        Json json(Json::Object{});
        for (const auto& [key, value] : members) json[to_valid_utf8(key)] = to_valid_utf8(value);
        const Result<Json> back = parse_json(to_text(json));
        RC_ASSERT(back.ok());
        RC_ASSERT(*back == json);
    }));
}

TEST(Utf8, EachKindOfMistakeIsFound) {
    for (const std::string_view bad :
         {"\x80", "\xC1\x81", "\xE0\x80\x80", "\xED\xBF\xBF", "\xF0\x80\x80\x80",
          "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE4\xBD", "\xF0\x9F\x98"}) {
        EXPECT_EQ(find_invalid_utf8("12345678ab" + std::string(bad)), 10U);
    }
    EXPECT_EQ(find_invalid_utf8("大禹 \xF0\x9F\x98\x80 \xF4\x8F\xBF\xBF"), std::string_view::npos);
}

}  // namespace
}  // namespace dayu::wire
