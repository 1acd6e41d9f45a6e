// Everyone who watches the journal as an event stream. An entry is rendered once, however many watch;
// who comes late, or resumes, is first brought to the head in steps that its connection can take.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "http/responder.h"
#include "rest/pump.h"

namespace dayu::rest {

inline constexpr std::size_t max_event_streams = 4096;
inline constexpr std::size_t max_entries_a_step = 512;   // while catching up
inline constexpr std::size_t max_bytes_ahead = 1 << 20;  // queued, before the next step is read

class EventStreams : public Follower {
   public:
    EventStreams(runtime::Loop& loop, Seq head) : loop_(loop), head_(head) {}

    bool has_room() const;
    // Sends what comes after `cursor`, of one job or of all (0).
    void add(http::Stream stream, Seq cursor, JobId job);

    struct Load {
        std::size_t watchers = 0;
        std::size_t queued_bytes = 0;
    };
    Load load() const;  // as of the last pass

    void take(std::span<const journal::RenderedEntry> entries) override;
    void tick(Instant now) override;

   private:
    struct Watcher {
        http::Stream stream;
        Seq cursor;
        JobId job;
        bool live = false;  // has everything up to head_
    };
    void catch_up(Watcher& watcher);

    runtime::Loop& loop_;
    Seq head_;
    std::vector<Watcher> watchers_;  // of the pump's thread alone
    mutable std::mutex mutex_;
    std::vector<Watcher> arrived_;
    std::size_t count_ = 0;
    std::size_t queued_bytes_ = 0;
};

}  // namespace dayu::rest
