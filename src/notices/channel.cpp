#include "notices/channel.h"

#include <algorithm>
#include <charconv>
#include <ctime>

#include "notices/registry.h"

namespace dayu::notices {
namespace {

constexpr Duration longest_wait = seconds(6 * 3600);  // that a receiver may ask for

}  // namespace

const Channel& channel_of(HookKind kind) {
    switch (kind) {
        case HookKind::webhook: return webhook_channel();
        case HookKind::wecom: return wecom_channel();
        case HookKind::dingtalk: return dingtalk_channel();
        case HookKind::feishu: return feishu_channel();
    }
    return webhook_channel();
}

// A redirect is no delivery either: where the hook leads is what its owner said, and nobody else.
Judgement judge_status(const http::Response& response) {
    const int status = response.status;
    Judgement judgement{.why = "HTTP " + std::to_string(status)};
    if (status >= 200 && status < 300) {
        judgement = {};
    } else if (status == 410) {
        judgement.verdict = Verdict::gone;
    } else if (status == 408 || status == 425 || status == 429 || status >= 500) {
        judgement.verdict = Verdict::busy;
    } else {
        judgement.verdict = Verdict::refused;
    }
    return judgement;
}

std::optional<Duration> retry_after(const http::Response& response, Time now) {
    const auto text = response.header("Retry-After");
    if (!text || text->empty()) return std::nullopt;
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), count);
    if (count > longest_wait.ms / 1000) return longest_wait;
    Duration wait = seconds(std::max<std::int64_t>(count, 0));
    if (error != std::errc() || end != text->data() + text->size()) {
        std::tm parts{};
        const std::string date(*text);
        if (strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts) == nullptr)
            return std::nullopt;
        wait = Time{std::int64_t{timegm(&parts)} * 1000} - now;
    }
    return std::clamp(wait, Duration{}, longest_wait);
}

}  // namespace dayu::notices
