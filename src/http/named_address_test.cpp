#include "http/named_address.h"

#include <gtest/gtest.h>

namespace dayu::http {
namespace {

using Names = std::vector<std::string>;

TEST(NamedAddress, IsOneThatTheCertificateBears) {
    EXPECT_EQ(named_address("127.0.0.1:1", {"dayu.example", "127.0.0.1"}), "127.0.0.1:1");
    EXPECT_EQ(named_address("127.0.0.1:1", {"dayu.example", "localhost"}), "localhost:1");
    EXPECT_EQ(named_address("0.0.0.0:1", {"dayu.example", "::1"}), "[::1]:1");
    EXPECT_EQ(named_address("0.0.0.0:1", {"*.example", "dayu.example"}), "dayu.example:1");
    EXPECT_EQ(named_address("[::]:1", {"dayu.example", "localhost"}), "localhost:1");
    EXPECT_EQ(named_address("10.1.2.3:1", {"localhost", "10.1.2.3"}), "10.1.2.3:1");
    EXPECT_EQ(named_address("10.1.2.3:1", Names{"*.example"}), "10.1.2.3:1");
    EXPECT_EQ(named_address("[fd00::1]:1", Names{"fd00::1"}), "[fd00::1]:1");
    EXPECT_EQ(named_address("127.0.0.1:1", {}), "127.0.0.1:1");
}

TEST(NamedAddress, LoopbackIsAnAddressAndNotAPrefix) {
    for (const char* host : {"localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"})
        EXPECT_TRUE(is_loopback(host)) << host;
    for (const char* host :
         {"127.0.0.1.example", "10.0.0.1", "0.0.0.0", "[::]", "localhost.example"})
        EXPECT_FALSE(is_loopback(host)) << host;
}

}  // namespace
}  // namespace dayu::http
