// One kind of receiver: how notices become a message to it, and what its answer means. One kind is one
// file in channels/ and one line in registry.cpp; when to send and to try again is the courier's.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/fields.h"
#include "base/result.h"
#include "http/message.h"
#include "notices/notice.h"

namespace dayu::notices {

// Where a hook leads, and the secret it shares with its receiver: what lies in the vault.
struct Address {
    std::string url;
    std::string secret;  // empty: none
    static constexpr auto fields() {
        return field_list(Field{"url", &Address::url}, Field{"secret", &Address::secret});
    }
};

// The POST of one message.
struct Message {
    std::string query = {};  // appended to the URL's own
    std::string body;        // JSON
    http::NamedValues headers = {};
};

enum class Verdict : std::uint8_t {
    delivered,
    busy,     // it, or the way to it, has trouble of its own: later
    refused,  // it does not want this message, and perhaps never will
    gone,     // it wants no message any more
};

struct Judgement {
    Verdict verdict = Verdict::delivered;
    std::string why = {};  // for people, without a secret
    std::optional<Duration> wait = {};
};

struct Limits {
    std::size_t notices_a_message = 1;
    std::size_t messages_a_minute = 0;  // 0: any number
    Duration gather = {};               // what comes within it goes into one message
};

class Channel {
   public:
    virtual ~Channel() = default;
    virtual Limits limits() const = 0;
    // The secret of a new hook: what was given, checked, or one that is made here.
    virtual Result<std::string> secret(const std::string& given) const = 0;
    virtual Message compose(const Address& address, std::span<const Notice> notices,
                            NoticeLanguage language, Time now) const = 0;
    virtual Judgement judge(const http::Response& response) const = 0;
};

const Channel& channel_of(HookKind kind);

// What a status alone says, and the header Retry-After, counted from `now`.
Judgement judge_status(const http::Response& response);
std::optional<Duration> retry_after(const http::Response& response, Time now);

}  // namespace dayu::notices
