// One thread that follows the head of the journal for everyone: event streams, long polls, timers, and
// the copies of tokens and chips. It wakes when something was committed, but no more than once in 20 ms
// under load, so that a thousand watchers cost one pass.
#pragma once

#include <condition_variable>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/time.h"
#include "runtime/loop.h"
#include "runtime/read_entries.h"

namespace dayu::rest {

inline constexpr Duration pump_pace = milliseconds(20);  // between two passes under load
inline constexpr Duration pump_idle = milliseconds(50);  // between two passes without news
inline constexpr std::size_t max_entries_a_pass = 4096;

// Called on the pump's thread alone: first every entry since the last pass in order and without gaps,
// then the time.
class Follower {
   public:
    virtual ~Follower() = default;
    virtual void take(std::span<const journal::RenderedEntry> entries) = 0;
    virtual void tick(Instant now) = 0;
};

class Pump {
   public:
    // Followers see what comes after `head`, and outlive the pump.
    Pump(runtime::Loop& loop, Seq head, std::vector<Follower*> followers);
    ~Pump();
    void stop();

   private:
    void run();
    bool pass();

    runtime::Loop& loop_;
    Seq head_;
    std::vector<Follower*> followers_;
    std::mutex mutex_;
    std::condition_variable stop_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace dayu::rest
