// The robot of a group in DingTalk (钉钉): https://open.dingtalk.com/document/group/custom-robot-access
// With a secret the URL carries the time in milliseconds and its signature.
#include "http/message.h"
#include "notices/channels/robot.h"
#include "notices/registry.h"
#include "notices/signature.h"
#include "wire/json.h"

namespace dayu::notices {
namespace {

constexpr std::size_t max_text_bytes = 5000;   // far below what it takes; a group reads no more
constexpr std::size_t messages_a_minute = 20;  // beyond it is silent for ten minutes

class Dingtalk final : public Robot {
   public:
    Dingtalk() : Robot(messages_a_minute) {}

    Message compose(const Address& address, std::span<const Notice> notices,
                    NoticeLanguage language, Time now) const override {
        const Speech speech = speak(notices, language, max_text_bytes);
        wire::Json body;
        body["msgtype"] = "markdown";
        body["markdown"] = wire::Json::Object{
            {"title", speech.title}, {"text", markdown(speech, "\n\n", 2 * max_text_bytes)}};
        Message message{.body = wire::to_text(body)};
        if (!address.secret.empty()) {
            message.query = "timestamp=" + std::to_string(now.ms) + "&sign=" +
                            http::percent_encode(dingtalk_signature(address.secret, now.ms));
        }
        return message;
    }

    // -1: its system is busy; 130101 and 410100: more than 20 a minute.
    Judgement judge(const http::Response& response) const override {
        return judge_robot(response,
                           {.code = "errcode", .text = "errmsg", .busy = {-1, 130101, 410100}});
    }
};

}  // namespace

const Channel& dingtalk_channel() {
    static const Dingtalk channel;
    return channel;
}

}  // namespace dayu::notices
