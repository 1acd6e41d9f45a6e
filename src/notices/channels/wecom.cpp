// The robot of a group in WeCom (企业微信): https://developer.work.weixin.qq.com/document/path/91770
// Its address holds its key; there is no signature.
#include "notices/channels/robot.h"
#include "notices/registry.h"
#include "wire/json.h"

namespace dayu::notices {
namespace {

constexpr std::size_t max_markdown_bytes = 4096;
constexpr std::size_t messages_a_minute = 20;
constexpr std::size_t marks_bytes = 16;  // around the title

class Wecom final : public Robot {
   public:
    Wecom() : Robot(messages_a_minute) {}

    Result<std::string> secret(const std::string& given) const override {
        if (given.empty()) return std::string();
        return invalid("hook_secret_unused",
                       "secret: a WeCom robot has none, its key is part of the URL");
    }

    Message compose(const Address&, std::span<const Notice> notices, NoticeLanguage language,
                    Time) const override {
        const Speech speech = speak(notices, language, max_markdown_bytes - marks_bytes);
        wire::Json body;
        body["msgtype"] = "markdown";
        body["markdown"] =
            wire::Json::Object{{"content", markdown(speech, "\n", max_markdown_bytes)}};
        return {.body = wire::to_text(body)};
    }

    // -1: its system is busy; 45009: more than 20 a minute.
    Judgement judge(const http::Response& response) const override {
        return judge_robot(response, {.code = "errcode", .text = "errmsg", .busy = {-1, 45009}});
    }
};

}  // namespace

const Channel& wecom_channel() {
    static const Wecom channel;
    return channel;
}

}  // namespace dayu::notices
