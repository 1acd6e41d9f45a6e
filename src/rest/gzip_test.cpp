// Bodies as gzip, both ways, as any client may send and ask for them.
#include "http/gzip.h"

#include <gtest/gtest.h>

#include "rest/testing/server.h"

namespace dayu::rest {
namespace {

using namespace testing;

http::Call packed(std::string body, const std::string& encoding = "gzip") {
    return {.method = "POST",
            .path = "/v1/jobs",
            .body = std::move(body),
            .headers = {{"Content-Encoding", encoding}}};
}

TEST(GzipBodies, AreReadAsWhatTheyWere) {
    Server server;
    const std::string job = R"({"run":"true # )" + std::string(100'000, 'x') + "\"}";
    const http::Response response = server.call(packed(http::gzip(job)));
    EXPECT_EQ(response.status, 201) << response.body;
    EXPECT_EQ(server.call(packed(job, "identity")).status, 201);
}

TEST(GzipBodies, ThatUnpackToTooMuchAreRefused) {
    Server server;
    const std::string bomb = http::gzip(std::string(std::size_t{100} << 20, ' '));
    ASSERT_LT(bomb.size(), 1U << 20);
    const http::Response refused = server.call(packed(bomb));
    EXPECT_EQ(refused.status, 413);
    EXPECT_EQ(code_of(refused), "body_too_large");
    EXPECT_EQ(server.call(packed(bomb), "").status, 401);  // and a stranger's is not even unpacked
}

TEST(GzipBodies, OfAnotherKindAreRefused) {
    Server server;
    const http::Response other = server.call(packed("x", "br"));
    EXPECT_EQ(other.status, 415);
    EXPECT_EQ(code_of(other), "encoding_unsupported");
    EXPECT_EQ(other.header("Accept-Encoding"), "gzip");
    const http::Response lie = server.call(packed(R"({"run":"true"})"));
    EXPECT_EQ(lie.status, 400);
    EXPECT_EQ(code_of(lie), "encoding_malformed");
}

TEST(GzipBodies, ComeToWhomTheySuit) {
    Server server;
    const http::Response plain = server.get("/openapi.json");
    EXPECT_EQ(plain.header("Vary"), "Accept-Encoding");
    EXPECT_FALSE(plain.header("Content-Encoding"));
    const http::Response small =
        server.call({.path = "/healthz", .headers = {{"Accept-Encoding", "gzip"}}});
    EXPECT_FALSE(small.header("Content-Encoding"));
    const http::Response gzipped =
        server.call({.path = "/openapi.json", .headers = {{"Accept-Encoding", "br, gzip;q=0.8"}}});
    EXPECT_EQ(gzipped.header("Content-Encoding"), "gzip");
    EXPECT_LT(gzipped.body.size() * 3, plain.body.size());
    EXPECT_EQ(http::gunzip(gzipped.body, 1 << 20).value(), plain.body);
}

TEST(GzipBodies, AreNotForStreams) {
    Server server;
    http::Client client({.base_url = server.service().url(),
                         .bearer_token = operator_token,
                         .compression = http::Compression::always});
    std::string seen;
    const auto response =
        client.stream({.path = "/v1/events",
                       .headers = {{"Accept", "text/event-stream"}, {"Accept-Encoding", "gzip"}}},
                      [&](std::string_view bytes) {
                          seen += bytes;
                          return seen.find("id: 1\n") == std::string::npos;
                      });
    ASSERT_TRUE(response.ok());
    EXPECT_FALSE(response->header("Content-Encoding"));
    EXPECT_FALSE(response->header("Vary"));
}

}  // namespace
}  // namespace dayu::rest
