// A hook: whom outside of Dayu to tell when something happens. Where its receiver is, and the secret that
// they share, is not here: a robot's address alone lets everyone write to its group, so that both lie in
// the vault, and what is journaled and shown is the host.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "base/result.h"

namespace dayu {

// The program that receives it: any that verifies Standard Webhooks, or the robot of a group chat in
// WeCom (企业微信), DingTalk (钉钉) or Feishu (飞书).
enum class HookKind : std::uint8_t { webhook, wecom, dingtalk, feishu };
constexpr auto enum_names(Type<HookKind>) {
    return std::array<std::string_view, 4>{"webhook", "wecom", "dingtalk", "feishu"};
}

enum class NoticeTopic : std::uint8_t { job_ended, job_held, center_lost, center_back };
constexpr auto enum_names(Type<NoticeTopic>) {
    return std::array<std::string_view, 4>{"job_ended", "job_held", "center_lost", "center_back"};
}

// Of what robots say.
enum class NoticeLanguage : std::uint8_t { zh, en };
constexpr auto enum_names(Type<NoticeLanguage>) {
    return std::array<std::string_view, 2>{"zh", "en"};
}

// Why a hook was suspended: its receiver said that it wants no more (410), or took nothing for too long.
enum class HookTrouble : std::uint8_t { gone, failing };
constexpr auto enum_names(Type<HookTrouble>) {
    return std::array<std::string_view, 2>{"gone", "failing"};
}

// Which jobs a hook tells of, within its project; what is empty lets all pass.
struct HookFilter {
    std::string owner;           // "token:admin"
    std::string name;            // '*' stands for any letters: "bert-*"
    bool failures_only = false;  // of ends: neither COMPLETED nor CANCELLED

    bool operator==(const HookFilter&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"owner", &HookFilter::owner}, Field{"name", &HookFilter::name},
                          Field{"failures_only", &HookFilter::failures_only});
    }
};

struct Hook {
    std::string name;
    HookKind kind = HookKind::webhook;
    std::string host;
    std::vector<NoticeTopic> events;
    NoticeLanguage language = NoticeLanguage::zh;
    HookFilter filter;

    bool operator==(const Hook&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"name", &Hook::name}, Field{"kind", &Hook::kind},
                          Field{"host", &Hook::host}, Field{"events", &Hook::events},
                          Field{"language", &Hook::language}, Field{"filter", &Hook::filter});
    }
};

Result<void> validate(const Hook& hook);

// Whether `text` is what `pattern` says, where '*' stands for any letters, none too.
bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace dayu
