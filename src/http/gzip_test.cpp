#include "http/gzip.h"

#include <gtest/gtest.h>

#include "http/client.h"
#include "http/testing/loopback.h"

namespace dayu::http {
namespace {

Request asking(const std::string& accept) {
    Request request;
    request.headers = {{"accept-encoding", accept}};
    return request;
}

TEST(Gzip, GivesBackWhatWentIn) {
    for (const std::string& bytes :
         {std::string(), std::string("a"), std::string(1 << 20, 'x'), std::string("\0\xFF\n", 3)}) {
        const auto again = gunzip(gzip(bytes), bytes.size());
        ASSERT_TRUE(again.ok());
        EXPECT_EQ(*again, bytes);
    }
    EXPECT_EQ(gunzip(gzip("one ") + gzip("two"), 100).value(), "one two");  // members in a row
}

TEST(Gzip, StopsAtTheLimit) {
    const std::string bomb = gzip(std::string(std::size_t{64} << 20, '\0'));
    EXPECT_LT(bomb.size(), 400'000U);
    const auto refused = gunzip(bomb, 1 << 20);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, "body_too_large");
}

TEST(Gzip, SaysWhatIsNone) {
    const std::string packed = gzip(std::string(5000, 'x') + "the end");
    std::string spoilt = packed;
    spoilt[spoilt.size() - 6] ^= 1;  // the checksum
    for (const std::string& bytes : {std::string(), std::string("no gzip at all"), spoilt,
                                     packed + "more", packed.substr(0, packed.size() / 2)}) {
        const auto refused = gunzip(bytes, 1 << 20);
        ASSERT_FALSE(refused.ok());
        EXPECT_EQ(refused.error().code, "encoding_malformed");
    }
}

TEST(Gzip, IsTakenByWhomItSuits) {
    for (const char* yes : {"gzip", "GZIP", "deflate, gzip", "gzip;q=0.5", "x-gzip", "*",
                            "br;q=1.0, gzip;q=0.8, *;q=0.1", "identity;q=0.5, gzip", "gzip ; q=1"})
        EXPECT_TRUE(accepts_gzip(asking(yes))) << yes;
    for (const char* no : {"", "identity", "br", "gzip;q=0", "gzip;q=0.000", "*;q=0", "gzip;q=0, *",
                           "gzip;q=0.4, identity", "gzip;q=often", "gzip;level=9", "gzipped"})
        EXPECT_FALSE(accepts_gzip(asking(no))) << no;
    EXPECT_FALSE(accepts_gzip({}));
}

TEST(Gzip, IsForWhatIsWorthIt) {
    Response response{.body = std::string(2000, '1'), .headers = {{"ETag", "\"v\""}}};
    Response small{.body = "1"};
    Response bytes{.body = std::string(2000, '1'), .content_type = "application/octet-stream"};
    encode_body(small, true);
    encode_body(bytes, true);
    EXPECT_TRUE(small.headers.empty());
    EXPECT_TRUE(bytes.headers.empty());
    Response plain = response;
    encode_body(plain, false);
    EXPECT_EQ(plain.body, response.body);
    EXPECT_EQ(plain.header("Vary"), "Accept-Encoding");
    EXPECT_EQ(plain.header("ETag"), "\"v\"");
    encode_body(response, true);
    EXPECT_EQ(response.header("Content-Encoding"), "gzip");
    EXPECT_EQ(response.header("Vary"), "Accept-Encoding");
    EXPECT_EQ(response.header("ETag"), "\"v-gzip\"");  // strong, and of other bytes
    EXPECT_EQ(gunzip(response.body, 2000).value(), plain.body);
}

TEST(Gzip, IsAskedForAndReadByTheClient) {
    const std::string text(100'000, 'x');
    const auto server = testing::serve([&](Request&& request, const Responder& responder) {
        const bool is_packed = request.header("Content-Encoding") == "gzip";
        const std::size_t came = request.body.size();
        EXPECT_TRUE(decode_body(request, 1 << 20).ok());
        EXPECT_EQ(request.body, text);
        EXPECT_EQ(is_packed, came < text.size());
        responder.send({.body = text, .headers = {{"Packed", is_packed ? "yes" : "no"}}});
    });
    for (const Compression compression : {Compression::always, Compression::over_network}) {
        Client client({.base_url = server->url(), .compression = compression});
        const auto response = client.request({.method = "POST", .path = "/", .body = text});
        ASSERT_TRUE(response.ok());
        EXPECT_EQ(response->body, text);
        const bool expected = compression == Compression::always;  // the other is for networks
        EXPECT_EQ(response->header("Packed"), expected ? "yes" : "no");
        EXPECT_EQ(response->header("Content-Encoding").has_value(), expected);
    }
    Client narrow({.base_url = server->url(),
                   .compression = Compression::always,
                   .response_limit_bytes = 1000});
    const auto refused = narrow.request({.method = "POST", .path = "/", .body = text});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, "response_too_large");  // as it is unpacked, not as it came
}

}  // namespace
}  // namespace dayu::http
