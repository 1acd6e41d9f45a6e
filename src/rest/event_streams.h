// Everyone who watches the journal as an event stream. An entry is rendered once, however many watch with
// the same wishes; who comes late, or resumes, is first brought to the head in steps that its connection can
// take.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "http/responder.h"
#include "rest/event_filter.h"
#include "rest/pump.h"
#include "rest/registry.h"

namespace dayu::rest {

inline constexpr std::size_t max_event_streams = 4096;
inline constexpr std::size_t max_entries_a_step = 512;          // while catching up
inline constexpr std::size_t max_entries_sifted_a_step = 4096;  // likewise, with a filter
inline constexpr std::size_t max_bytes_ahead = 1 << 20;  // queued, before the next step is read
inline constexpr Duration cursor_pace = seconds(5);      // a filtered stream tells how far it is
inline constexpr Duration token_pace = seconds(1);  // whether each token is still good is looked at

// The last words of a stream: an event `problem` without an id.
std::string event_stream_farewell(const Error& error);

class EventStreams : public Follower {
   public:
    EventStreams(runtime::Loop& loop, const Registry& registry, Seq head)
        : loop_(loop), registry_(registry), head_(head) {}

    struct Watcher {
        http::Stream stream;
        Seq cursor;            // looked through up to here
        EventFilter filter;    // what is sent of it
        std::string token;     // of who watches
        std::string key = {};  // of the filter
        Seq told = {};         // the last id that was sent
        Instant told_at = {};
        bool live = false;  // has everything up to head_
    };

    bool has_room() const;
    // Sends what comes after its cursor.
    void add(Watcher watcher);

    struct Load {
        std::size_t watchers = 0;
        std::size_t queued_bytes = 0;
    };
    Load load() const;  // as of the last pass

    void take(std::span<const journal::RenderedEntry> entries) override;
    void tick(Instant now) override;

   private:
    void catch_up(Watcher& watcher);
    void tell_cursor(Watcher& watcher, Instant now);
    void end_without_token(Instant now);

    runtime::Loop& loop_;
    const Registry& registry_;
    Seq head_;
    std::vector<Watcher> watchers_;  // of the pump's thread alone
    Instant tokens_looked_at_;
    mutable std::mutex mutex_;
    std::vector<Watcher> arrived_;
    std::size_t count_ = 0;
    std::size_t queued_bytes_ = 0;
};

}  // namespace dayu::rest
