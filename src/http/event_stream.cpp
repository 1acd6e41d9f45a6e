#include "http/event_stream.h"

#include <utility>

namespace dayu::http {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

void append_field(std::string& text, std::string_view name, std::string_view value) {
    text.append(name).append(": ").append(value).append("\n");
}

}  // namespace

std::string format_event(const ServerEvent& event) {
    std::string text;
    text.reserve(event.data.size() + event.id.size() + event.event.size() + 32);
    if (!event.id.empty()) append_field(text, "id", event.id);
    if (!event.event.empty()) append_field(text, "event", event.event);
    std::string_view rest = event.data;
    while (true) {
        const std::size_t end = rest.find('\n');
        append_field(text, "data", rest.substr(0, end));
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
    return text += '\n';
}

Result<std::vector<ServerEvent>> EventStreamParser::feed(std::string_view bytes) {
    std::vector<ServerEvent> events;
    while (!bytes.empty()) {
        if (std::exchange(after_carriage_return_, false) && bytes.front() == '\n') {
            bytes.remove_prefix(1);
            continue;
        }
        const std::size_t end = bytes.find_first_of("\r\n");
        line_ += bytes.substr(0, end);
        if (line_.size() + pending_.data.size() > event_limit_bytes_) {
            return exhausted("event_too_large", "an event of the stream is larger than " +
                                                    std::to_string(event_limit_bytes_) + " bytes");
        }
        if (end == std::string_view::npos) break;
        after_carriage_return_ = bytes[end] == '\r';
        bytes.remove_prefix(end + 1);
        take_line(line_, events);
        line_.clear();
    }
    return events;
}

void EventStreamParser::take_line(std::string_view line, std::vector<ServerEvent>& events) {
    if (std::exchange(at_start_, false) && line.starts_with(byte_order_mark)) {
        line.remove_prefix(byte_order_mark.size());
    }
    if (line.empty()) {
        if (std::exchange(has_data_, false)) {
            pending_.id = last_id_;
            events.push_back(std::move(pending_));
        }
        pending_ = {};
        return;
    }
    const std::size_t colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);

    if (name == "data") {
        if (std::exchange(has_data_, true)) pending_.data += '\n';
        pending_.data += value;
    } else if (name == "event") {
        pending_.event = value;
    } else if (name == "id" && value.find('\0') == std::string_view::npos) {
        last_id_ = value;
    }
}

}  // namespace dayu::http
