#include "http/message.h"

#include <gtest/gtest.h>

namespace dayu::http {
namespace {

Request with_authorization(const std::string& value) {
    Request request;
    request.headers = {{"authorization", value}};
    return request;
}

TEST(Message, HeadersIgnoreCaseAndQueryParamsDoNot) {
    Request request;
    request.headers = {{"Content-Type", "text/plain"}, {"X-A", "1"}, {"x-a", "2"}};
    request.query = {{"limit", "10"}};
    EXPECT_EQ(request.header("content-TYPE"), "text/plain");
    EXPECT_EQ(request.header("X-a"), "1");
    EXPECT_EQ(request.header("Accept"), std::nullopt);
    EXPECT_EQ(request.query_param("limit"), "10");
    EXPECT_EQ(request.query_param("Limit"), std::nullopt);
}

TEST(Message, BearerToken) {
    EXPECT_EQ(bearer_token(with_authorization("Bearer abc")), "abc");
    EXPECT_EQ(bearer_token(with_authorization("bearer   abc  ")), "abc");
    EXPECT_EQ(bearer_token(with_authorization("Bearer ")), std::nullopt);
    EXPECT_EQ(bearer_token(with_authorization("Bearer    ")), std::nullopt);
    EXPECT_EQ(bearer_token(with_authorization("Basic abc")), std::nullopt);
    EXPECT_EQ(bearer_token(with_authorization("")), std::nullopt);
    EXPECT_EQ(bearer_token({}), std::nullopt);
}

TEST(Message, PercentCodingGivesBackAnyText) {
    const std::string text("a/b ?&%+\xE5\xA4\xA7\0z", 12);
    EXPECT_EQ(percent_decode(percent_encode(text)), text);
    EXPECT_EQ(percent_encode("cn/shanghai"), "cn%2Fshanghai");
    EXPECT_EQ(percent_decode("100%"), "100%");
    EXPECT_EQ(percent_decode("%4"), "%4");
    EXPECT_EQ(percent_decode("%zz%41"), "%zzA");
}

}  // namespace
}  // namespace dayu::http
