#include "rest/pump.h"

#include <chrono>
#include <utility>

#include "base/log.h"

namespace dayu::rest {

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
