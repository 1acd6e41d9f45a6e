// The robot of a group in Feishu (飞书): https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
// Its address holds its key in the path. With a secret the body carries the time in seconds and its
// signature. A message is a `post`, in whose text nothing is a mention.
#include "notices/channels/robot.h"
#include "notices/registry.h"
#include "notices/signature.h"
#include "wire/json.h"

namespace dayu::notices {
namespace {

constexpr std::size_t max_text_bytes = 5000;  // of 20 KB; a group reads no more
constexpr std::size_t messages_a_minute = 100;

class Feishu final : public Robot {
   public:
    Feishu() : Robot(messages_a_minute) {}

    Message compose(const Address& address, std::span<const Notice> notices,
                    NoticeLanguage language, Time now) const override {
        const Speech speech = speak(notices, language, max_text_bytes);
        wire::Json::Array lines;
        for (const std::string& line : speech.lines) {
            lines.push_back(wire::Json::Array{wire::Json::Object{{"tag", "text"}, {"text", line}}});
        }
        const wire::Json::Object post{{"title", speech.title}, {"content", std::move(lines)}};
        wire::Json body;
        body["msg_type"] = "post";
        body["content"] = wire::Json::Object{
            {"post",
             wire::Json::Object{{language == NoticeLanguage::zh ? "zh_cn" : "en_us", post}}}};
        if (!address.secret.empty()) {
            const std::int64_t unix_seconds = now.ms / 1000;
            body["timestamp"] = std::to_string(unix_seconds);
            body["sign"] = feishu_signature(address.secret, unix_seconds);
        }
        return {.body = wire::to_text(body)};
    }

    // 9499 and 11232: more than 100 a minute or 5 a second; the first comes with HTTP 400.
    Judgement judge(const http::Response& response) const override {
        return judge_robot(response, {.code = "code", .text = "msg", .busy = {9499, 11232}});
    }
};

}  // namespace

const Channel& feishu_channel() {
    static const Feishu channel;
    return channel;
}

}  // namespace dayu::notices
