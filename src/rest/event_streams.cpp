#include "rest/event_streams.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/log.h"
#include "http/event_stream.h"
#include "http/problem.h"
#include "rest/answer.h"

namespace dayu::rest {
namespace {

// Wanted entries as they are sent, and the id of the last of them.
struct Frames {
    std::shared_ptr<const std::string> text;
    Seq last;  // 0: there are none
};

Frames frames(std::span<const journal::RenderedEntry> entries, const EventFilter& filter) {
    const bool takes_all = filter.takes_all();
    auto text = std::make_shared<std::string>();
    Seq last;
    for (const journal::RenderedEntry& entry : entries) {
        if (!takes_all && !filter.wants(entry)) continue;
        *text += http::format_event(
            {.id = std::to_string(entry.seq.value), .event = entry.type, .data = *entry.bytes});
        last = entry.seq;
    }
    return {.text = std::move(text), .last = last};
}

void send(EventStreams::Watcher& watcher, const Frames& frames) {
    if (frames.last.value == 0) return;
    watcher.stream.write(frames.text);
    watcher.told = frames.last;
}

}  // namespace

std::string event_stream_farewell(const Error& error) {
    std::string json = refuse(error).body;
    while (json.ends_with('\n')) json.pop_back();
    return http::format_event({.id = "", .event = "problem", .data = std::move(json)});
}

bool EventStreams::has_room() const {
    const std::lock_guard lock(mutex_);
    return count_ < max_event_streams;
}

void EventStreams::add(Watcher watcher) {
    const std::lock_guard lock(mutex_);
    watcher.told = watcher.cursor;
    watcher.key = watcher.filter.key();
    arrived_.push_back(std::move(watcher));
    ++count_;
}

EventStreams::Load EventStreams::load() const {
    const std::lock_guard lock(mutex_);
    return {.watchers = count_, .queued_bytes = queued_bytes_};
}

void EventStreams::take(std::span<const journal::RenderedEntry> entries) {
    head_ = entries.back().seq;
    std::unordered_map<std::string_view, Frames> rendered;  // by the filter's key
    for (Watcher& watcher : watchers_) {
        if (!watcher.live) continue;
        watcher.cursor = head_;
        const auto [at, is_new] = rendered.try_emplace(watcher.key);
        if (is_new) at->second = frames(entries, watcher.filter);
        send(watcher, at->second);
    }
}

void EventStreams::tick(Instant now) {
    {
        const std::lock_guard lock(mutex_);
        std::ranges::move(arrived_, std::back_inserter(watchers_));
        arrived_.clear();
    }
    end_without_token(now);
    for (Watcher& watcher : watchers_) {
        if (!watcher.live) catch_up(watcher);
        tell_cursor(watcher, now);
    }
    std::erase_if(watchers_, [](const Watcher& watcher) { return !watcher.stream.is_open(); });
    std::size_t queued_bytes = 0;
    for (const Watcher& watcher : watchers_) queued_bytes += watcher.stream.queued_bytes();
    const std::lock_guard lock(mutex_);
    count_ = watchers_.size() + arrived_.size();
    queued_bytes_ = queued_bytes;
}

// Never past head_: what comes after it arrives by take().
void EventStreams::catch_up(Watcher& watcher) {
    if (watcher.cursor < head_) {
        if (watcher.stream.queued_bytes() > max_bytes_ahead) return;
        const std::size_t step = watcher.filter.takes_all() || !watcher.filter.jobs.empty()
                                     ? max_entries_a_step
                                     : max_entries_sifted_a_step;
        auto found = find_entries(loop_, watcher.filter, watcher.cursor, step);
        if (!found) {
            log_error("rest: entries cannot be read: {}", found.error().message);
            return;
        }
        std::erase_if(found->entries, [&](const auto& entry) { return entry.seq > head_; });
        send(watcher, frames(found->entries, watcher.filter));
        watcher.cursor = found->at_end ? head_ : std::min(found->reached, head_);
    }
    watcher.live = watcher.cursor >= head_;
}

// What was passed over moves the reader on too: an id alone, which every reader of event streams keeps. So
// a resume looks through nothing twice.
void EventStreams::tell_cursor(Watcher& watcher, Instant now) {
    if (watcher.told >= watcher.cursor) {
        watcher.told_at = now;
        return;
    }
    if (now - watcher.told_at < cursor_pace) return;
    watcher.stream.write("id: " + std::to_string(watcher.cursor.value) + "\n\n");
    watcher.told = watcher.cursor;
    watcher.told_at = now;
}

void EventStreams::end_without_token(Instant now) {
    if (now - tokens_looked_at_ < token_pace) return;
    tokens_looked_at_ = now;
    const auto known = registry_.known();
    const Time wall = system_clock().now();
    for (Watcher& watcher : watchers_) {
        const auto found = known->tokens.find(watcher.token);
        const bool is_there = found != known->tokens.end();
        if (is_there && !found->second.is_over(wall)) continue;
        watcher.stream.write(event_stream_farewell(
            is_there ? denied("token_expired", "the token of this stream has expired")
                     : denied("token_revoked", "the token of this stream was revoked")));
        watcher.stream.close();
    }
}

}  // namespace dayu::rest
