// What the robots of group chats share. Each answers HTTP 200 with a code of its own in the JSON: 0 is
// delivered and all else is not.
#pragma once

#include <initializer_list>
#include <string>

#include "notices/channel.h"
#include "notices/wording.h"

namespace dayu::notices {

inline constexpr std::size_t notices_a_message = 1000;  // the first are told, the others counted
inline constexpr Duration robot_gather = seconds(2);
inline constexpr Duration robot_rest = seconds(60);  // after it said that we come too often

struct RobotAnswer {
    std::string_view code;                     // key of the code: "errcode"
    std::string_view text;                     // key of what it says for people: "errmsg"
    std::initializer_list<std::int64_t> busy;  // codes that mean: too often, or trouble of its own
};
Judgement judge_robot(const http::Response& response, const RobotAnswer& shape);

// Title and lines as Markdown, with nothing of strangers in force. Lines that no longer fit are left out.
std::string markdown(const Speech& speech, std::string_view line_break, std::size_t max_bytes);

// Several notices go into one message, and no more of them than the chat takes.
class Robot : public Channel {
   public:
    explicit Robot(std::size_t messages_a_minute) : messages_a_minute_(messages_a_minute) {}

    Limits limits() const override {
        return {.notices_a_message = notices_a_message,
                .messages_a_minute = messages_a_minute_,
                .gather = robot_gather};
    }
    // What was given, checked; a robot may do without.
    Result<std::string> secret(const std::string& given) const override;

   private:
    std::size_t messages_a_minute_;
};

}  // namespace dayu::notices
