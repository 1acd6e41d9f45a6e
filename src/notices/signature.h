// By what a receiver knows that a message comes from us.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace dayu::notices {

std::string hmac_sha256(std::string_view key, std::string_view message);

// A secret of Standard Webhooks: "whsec_" and the base64 of 24 to 64 bytes.
std::string new_webhook_secret();
// Its bytes, or nothing when it is none.
std::optional<std::string> webhook_key(std::string_view secret);

// The header webhook-signature for these bytes: "v1,BASE64".
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
std::string webhook_signature(std::string_view key, std::string_view id, std::int64_t unix_seconds,
                              std::string_view body);

// DingTalk's 加签: the secret signs "MILLISECONDS\nSECRET"; base64, not yet encoded for the URL.
// https://open.dingtalk.com/document/orgapp/customize-robot-security-settings
std::string dingtalk_signature(std::string_view secret, std::int64_t unix_ms);

// Feishu's 签名校验: "SECONDS\nSECRET" is the key, and what it signs is empty.
// https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
std::string feishu_signature(std::string_view secret, std::int64_t unix_seconds);

}  // namespace dayu::notices
