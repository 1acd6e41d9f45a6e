#include "base/base64.h"

#include <utility>

#include <gtest/gtest.h>

namespace dayu {
namespace {

// RFC 4648, section 10.
TEST(Base64, IsWhatTheRfcGives) {
    const std::pair<const char*, const char*> pairs[] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };
    for (const auto& [bytes, text] : pairs) {
        EXPECT_EQ(encode_base64(bytes), text);
        EXPECT_EQ(decode_base64(text), bytes);
    }
    EXPECT_FALSE(decode_base64("Zm9"));
    EXPECT_FALSE(decode_base64("Zm9?"));
}

}  // namespace
}  // namespace dayu
