#include "notices/signature.h"

#include <gtest/gtest.h>

#include "base/sha256.h"

namespace dayu::notices {
namespace {

// RFC 4231, test case 2.
TEST(Signature, HmacIsTheRfcs) {
    EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

// The vector of the Standard Webhooks reference libraries.
TEST(Signature, WebhooksAreStandard) {
    const auto key = webhook_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    ASSERT_TRUE(key.has_value());
    EXPECT_EQ(webhook_signature(*key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1'614'265'330,
                                R"({"test": 2432232314})"),
              "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(Signature, SecretsOfWebhooksHaveAForm) {
    EXPECT_EQ(webhook_key(new_webhook_secret())->size(), 32U);
    EXPECT_NE(new_webhook_secret(), new_webhook_secret());
    for (const char* text : {"", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                             "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS?"}) {
        EXPECT_FALSE(webhook_key(text).has_value()) << text;
    }
}

// By Python: base64(hmac.new(b"SECx", b"1700000000123\nSECx", "sha256").digest()).
TEST(Signature, DingtalkSignsWithTheSecret) {
    EXPECT_EQ(dingtalk_signature("SECx", 1'700'000'000'123),
              "q4wtLvw+fNQvkSpza8+wKY7QYg1NCXGKj/5Hrh4ndQk=");
}

// By Python: base64(hmac.new(b"1700000000\nabc", b"", "sha256").digest()).
TEST(Signature, FeishuSignsNothingWithTimeAndSecret) {
    EXPECT_EQ(feishu_signature("abc", 1'700'000'000),
              "VIS10b0EBvzzSdFnuk4tznEmK5wHaruvf/WnViv2yR4=");
}

}  // namespace
}  // namespace dayu::notices
