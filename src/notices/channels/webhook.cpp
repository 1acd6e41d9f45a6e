// Any program of the user's own, by Standard Webhooks: one notice a message, signed with a secret.
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
#include "base/check.h"
#include "notices/body.h"
#include "notices/registry.h"
#include "notices/signature.h"

namespace dayu::notices {
namespace {

class Webhook final : public Channel {
   public:
    Limits limits() const override { return {.notices_a_message = 1, .messages_a_minute = 0}; }

    Result<std::string> secret(const std::string& given) const override {
        if (given.empty()) return new_webhook_secret();
        if (webhook_key(given)) return given;
        return invalid("hook_secret_malformed",
                       "secret: expected whsec_ and the base64 of 24 to 64 random bytes; leave it "
                       "out, and the server makes one");
    }

    Message compose(const Address& address, std::span<const Notice> notices, NoticeLanguage,
                    Time now) const override {
        const Notice& notice = notices.front();
        const std::int64_t unix_seconds = now.ms / 1000;
        Message message{.body = webhook_body(notice)};
        const auto key = webhook_key(address.secret);
        CHECK(key.has_value());
        message.headers = {
            {"webhook-id", notice.id},
            {"webhook-timestamp", std::to_string(unix_seconds)},
            {"webhook-signature", webhook_signature(*key, notice.id, unix_seconds, message.body)}};
        return message;
    }

    Judgement judge(const http::Response& response) const override {
        return judge_status(response);
    }
};

}  // namespace

const Channel& webhook_channel() {
    static const Webhook channel;
    return channel;
}

}  // namespace dayu::notices
