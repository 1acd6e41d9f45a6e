#include "rest/pump.h"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "base/log.h"

namespace dayu::rest {

// Keys of an entry are sorted. The actor stands before its data, the others behind it, and inside a string
// the quotes would be escaped: so the first one is its own, or the last one.
std::string_view text_in(const std::string& entry, std::string_view key) {
    const std::string before = '"' + std::string(key) + "\":\"";
    const std::size_t at = key == "actor" ? entry.find(before) : entry.rfind(before);
    if (at == std::string::npos) return {};
    const std::size_t from = at + before.size();
    return std::string_view(entry).substr(from, entry.find('"', from) - from);
}

Result<std::vector<journal::RenderedEntry>> read_entries(runtime::Loop& loop,
                                                         const journal::EntryQuery& query) {
    if (query.job.value == 0) {
        bool missed = false;
        auto entries = loop.watch().after(query.after, query.limit, missed);
        if (!missed) return entries;
    }
    std::vector<journal::RenderedEntry> entries;
    for (journal::EntryRow& row : TRY(loop.journal().store().entries(query))) {
        std::string type(text_in(row.bytes, "type"));
        entries.push_back({.seq = row.seq,
                           .job = row.job,
                           .type = std::move(type),
                           .bytes = std::make_shared<const std::string>(std::move(row.bytes)),
                           .center = row.center});
    }
    return entries;
}

Pump::Pump(runtime::Loop& loop, Seq head, std::vector<Follower*> followers)
    : loop_(loop), head_(head), followers_(std::move(followers)), thread_([this] { run(); }) {}

Pump::~Pump() { stop(); }

void Pump::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    stop_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Pump::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        loop_.watch().wait(head_, pump_idle);
        const bool busy = pass();
        lock.lock();
        const auto rest = std::chrono::milliseconds(busy ? pump_pace.ms : 0);
        stop_.wait_for(lock, rest, [this] { return stopping_; });
    }
}

// True when there was something new.
bool Pump::pass() {
    const auto entries =
        read_entries(loop_, {.after = head_, .job = {}, .limit = max_entries_a_pass});
    if (!entries) {
        log_error("rest: entries after {} cannot be read: {}", head_.value,
                  entries.error().message);
    } else if (!entries->empty()) {
        for (Follower* follower : followers_) follower->take(*entries);
        head_ = entries->back().seq;
    }
    const Instant now = system_clock().instant();
    for (Follower* follower : followers_) follower->tick(now);
    return !entries || !entries->empty();
}

}  // namespace dayu::rest
