#include "notices/channels/robot.h"

#include <algorithm>

#include "model/check_fields.h"
#include "wire/json.h"

namespace dayu::notices {
namespace {

constexpr std::size_t max_text_bytes = 200;  // of what a robot says about a failure
constexpr std::size_t max_secret_bytes = 256;

std::string shortened(const std::string& text) {
    std::size_t end = std::min(text.size(), max_text_bytes);
    while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end;
    return text.substr(0, end);
}

}  // namespace

Judgement judge_robot(const http::Response& response, const RobotAnswer& shape) {
    const auto json = wire::parse_json(response.body);
    const wire::Json* code = json ? json->find(shape.code) : nullptr;
    const std::int64_t* number = code != nullptr ? code->as_int() : nullptr;
    if (number == nullptr) {
        Judgement judgement = judge_status(response);
        if (judgement.verdict != Verdict::delivered) return judgement;
        return {.verdict = Verdict::busy, .why = "it answered with no robot's JSON"};
    }
    if (*number == 0) return {};
    std::string why = std::string(shape.code) + " " + std::to_string(*number);
    const wire::Json* text = json->find(shape.text);
    if (text != nullptr && text->as_string() != nullptr)
        why += ": " + shortened(*text->as_string());
    if (std::ranges::find(shape.busy, *number) == shape.busy.end())
        return {.verdict = Verdict::refused, .why = std::move(why)};
    return {.verdict = Verdict::busy, .why = std::move(why), .wait = robot_rest};
}

std::string markdown(const Speech& speech, std::string_view line_break, std::size_t max_bytes) {
    std::string text = "**" + plain_in_markdown(speech.title) + "**";
    for (const std::string& line : speech.lines) {
        const std::string plain = plain_in_markdown(line);
        if (text.size() + line_break.size() + plain.size() > max_bytes) break;
        text += line_break;
        text += plain;
    }
    return text;
}

Result<std::string> Robot::secret(const std::string& given) const {
    if (!given.empty()) TRY(check_label("secret", given, max_secret_bytes));
    return given;
}

}  // namespace dayu::notices
