// Server-sent events (text/event-stream), both ways: writing one event, and reading events from
// bytes that arrive split anywhere.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dayu::http {

struct ServerEvent {
    std::string id = {};     // the last id seen, also when this event had none of its own
    std::string event = {};  // its type; empty means "message"
    std::string data = {};

    bool operator==(const ServerEvent&) const = default;
};

// "id: 7\nevent: placed\ndata: {...}\n\n". Data of several lines becomes several data fields; id
// and event are one line each, and left out when empty.
std::string format_event(const ServerEvent& event);

inline constexpr std::string_view event_stream_heartbeat = ": ping\n\n";

class EventStreamParser {
   public:
    explicit EventStreamParser(std::size_t event_limit_bytes = std::size_t{16} << 20)
        : event_limit_bytes_(event_limit_bytes) {}

    // The events that these bytes complete. An event over the limit: exhausted event_too_large.
    Result<std::vector<ServerEvent>> feed(std::string_view bytes);

    // What a reconnect sends as Last-Event-ID.
    const std::string& last_id() const { return last_id_; }

   private:
    void take_line(std::string_view line, std::vector<ServerEvent>& events);

    std::size_t event_limit_bytes_;
    std::string line_;  // what has come of an unfinished line
    ServerEvent pending_;
    bool has_data_ = false;
    bool after_carriage_return_ = false;
    bool at_start_ = true;
    std::string last_id_;
};

}  // namespace dayu::http
