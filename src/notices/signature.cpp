#include "notices/signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/base64.h"
#include "base/check.h"
#include "base/sha256.h"

namespace dayu::notices {
namespace {

constexpr std::string_view secret_prefix = "whsec_";
constexpr std::size_t new_key_bytes = 32;
constexpr std::size_t least_key_bytes = 24;
constexpr std::size_t most_key_bytes = 64;

}  // namespace

std::string hmac_sha256(std::string_view key, std::string_view message) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    const auto* made = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                            reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                            digest, &length);
    CHECK(made != nullptr);
    return {reinterpret_cast<const char*>(digest), length};
}

std::string new_webhook_secret() {
    return std::string(secret_prefix) + encode_base64(random_bytes(new_key_bytes));
}

std::optional<std::string> webhook_key(std::string_view secret) {
    if (!secret.starts_with(secret_prefix)) return std::nullopt;
    auto key = decode_base64(secret.substr(secret_prefix.size()));
    if (!key || key->size() < least_key_bytes || key->size() > most_key_bytes) return std::nullopt;
    return key;
}

std::string webhook_signature(std::string_view key, std::string_view id, std::int64_t unix_seconds,
                              std::string_view body) {
    std::string content(id);
    content += "." + std::to_string(unix_seconds) + ".";
    content += body;
    return "v1," + encode_base64(hmac_sha256(key, content));
}

std::string dingtalk_signature(std::string_view secret, std::int64_t unix_ms) {
    return encode_base64(hmac_sha256(secret, std::to_string(unix_ms) + "\n" + std::string(secret)));
}

std::string feishu_signature(std::string_view secret, std::int64_t unix_seconds) {
    return encode_base64(
        hmac_sha256(std::to_string(unix_seconds) + "\n" + std::string(secret), ""));
}

}  // namespace dayu::notices
