#include "http/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <gtest/gtest.h>

#include "http/client.h"
#include "http/testing/loopback.h"

namespace dayu::http {
namespace {

bool is_public(const char* text) {
    sockaddr_in ip4{};
    if (inet_pton(AF_INET, text, &ip4.sin_addr) == 1) {
        ip4.sin_family = AF_INET;
        return is_public_address(reinterpret_cast<const sockaddr&>(ip4));
    }
    sockaddr_in6 ip6{};
    EXPECT_EQ(inet_pton(AF_INET6, text, &ip6.sin6_addr), 1) << text;
    ip6.sin6_family = AF_INET6;
    return is_public_address(reinterpret_cast<const sockaddr&>(ip6));
}

TEST(Address, OfTheInternetIsPublic) {
    for (const char* text : {"8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.1", "100.63.0.1",
                             "223.255.255.255", "2400:3200::1", "2606:4700::1111", "::ffff:8.8.8.8",
                             "64:ff9b::8.8.8.8", "2002:0808:0808::1"}) {
        EXPECT_TRUE(is_public(text)) << text;
    }
}

TEST(Address, OfNetworksOfOnesOwnIsNot) {
    for (const char* text : {"127.0.0.1",
                             "127.255.0.9",
                             "0.0.0.0",
                             "10.1.2.3",
                             "172.16.0.1",
                             "172.31.255.255",
                             "192.168.1.1",
                             "169.254.169.254",
                             "100.64.0.1",
                             "100.127.1.1",
                             "198.18.0.1",
                             "224.0.0.1",
                             "255.255.255.255",
                             "::1",
                             "::",
                             "fe80::1",
                             "fc00::1",
                             "fd12::1",
                             "ff02::1",
                             "::ffff:127.0.0.1",
                             "::ffff:169.254.169.254",
                             "64:ff9b::10.0.0.1",
                             "2002:7f00:0001::1",
                             "2002:0a00:0001::",
                             "2001:db8::1",
                             "2001::1",
                             "::127.0.0.1"}) {
        EXPECT_FALSE(is_public(text)) << text;
    }
}

TEST(Address, UrlsComeApart) {
    const Url url = parse_url("https://example.org:8443/a/b?key=1&x=%20#end").value();
    EXPECT_EQ(url.base, "https://example.org:8443");
    EXPECT_EQ(url.host, "example.org");
    EXPECT_EQ(url.path, "/a/b?key=1&x=%20");
    EXPECT_EQ(parse_url("http://[::1]:80").value().path, "/");
    EXPECT_EQ(parse_url("http://[::1]:80").value().host, "[::1]");
    for (const char* text : {"", "example.org", "ftp://example.org/", "file:///etc/passwd",
                             "https://me:word@example.org/", "http://", "gopher://x/"}) {
        EXPECT_FALSE(parse_url(text).ok()) << text;
    }
    EXPECT_EQ(parse_url("https://x.org/" + std::string(4096, 'a')).error().code, "bad_url");
    EXPECT_EQ(parse_url("ftp://x.org/token").error().message.find("token"), std::string::npos);
}

TEST(Address, AHostTellsWhereItLeads) {
    EXPECT_TRUE(leads_into_private("localhost"));
    EXPECT_TRUE(leads_into_private("127.1"));
    EXPECT_TRUE(leads_into_private("2130706433"));
    EXPECT_TRUE(leads_into_private("[::1]"));
    EXPECT_FALSE(leads_into_private("8.8.8.8"));
}

TEST(Address, IsLookedAtWhenAConnectionIsMade) {
    int called = 0;
    const auto server = testing::serve([&](Request&&, const Responder& responder) {
        ++called;
        responder.send({.body = "inside"});
    });
    Client stranger({.base_url = server->url(), .destinations = Destinations::public_only});
    const auto response = stranger.request({.path = "/"});
    ASSERT_FALSE(response.ok());
    EXPECT_EQ(response.error().code, "address_not_public");
    Client own({.base_url = server->url()});
    EXPECT_EQ(own.request({.path = "/"}).value().body, "inside");
    EXPECT_EQ(called, 1);
}

}  // namespace
}  // namespace dayu::http
