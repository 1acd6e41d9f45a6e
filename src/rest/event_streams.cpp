#include "rest/event_streams.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "http/event_stream.h"

namespace dayu::rest {
namespace {

using Text = std::shared_ptr<const std::string>;

std::string frame(const journal::RenderedEntry& entry) {
    return http::format_event(
        {.id = std::to_string(entry.seq.value), .event = entry.type, .data = *entry.bytes});
}

template <class Wanted>
Text frames(std::span<const journal::RenderedEntry> entries, Wanted wanted) {
    auto text = std::make_shared<std::string>();
    for (const journal::RenderedEntry& entry : entries) {
        if (wanted(entry)) *text += frame(entry);
    }
    return text;
}

}  // namespace

bool EventStreams::has_room() const {
    const std::lock_guard lock(mutex_);
    return count_ < max_event_streams;
}

void EventStreams::add(http::Stream stream, Seq cursor, JobId job) {
    const std::lock_guard lock(mutex_);
    arrived_.push_back({.stream = std::move(stream), .cursor = cursor, .job = job});
    ++count_;
}

EventStreams::Load EventStreams::load() const {
    const std::lock_guard lock(mutex_);
    return {.watchers = count_, .queued_bytes = queued_bytes_};
}

void EventStreams::take(std::span<const journal::RenderedEntry> entries) {
    head_ = entries.back().seq;
    Text all;
    for (Watcher& watcher : watchers_) {
        if (!watcher.live) continue;
        watcher.cursor = head_;
        if (watcher.job) {
            watcher.stream.write(
                frames(entries, [&](const auto& entry) { return entry.job == watcher.job; }));
        } else {
            if (!all) all = frames(entries, [](const auto&) { return true; });
            watcher.stream.write(all);
        }
    }
}

void EventStreams::tick(Instant) {
    {
        const std::lock_guard lock(mutex_);
        std::ranges::move(arrived_, std::back_inserter(watchers_));
        arrived_.clear();
    }
    for (Watcher& watcher : watchers_) {
        if (!watcher.live) catch_up(watcher);
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
        auto entries = read_entries(
            loop_, {.after = watcher.cursor, .job = watcher.job, .limit = max_entries_a_step});
        if (!entries) {
            log_error("rest: entries cannot be read: {}", entries.error().message);
            return;
        }
        const bool is_all = entries->size() < max_entries_a_step;
        std::erase_if(*entries, [&](const auto& entry) { return entry.seq > head_; });
        watcher.stream.write(frames(*entries, [](const auto&) { return true; }));
        if (!entries->empty()) watcher.cursor = entries->back().seq;
        if (is_all) watcher.cursor = head_;
    }
    watcher.live = watcher.cursor == head_;
}

}  // namespace dayu::rest
