// What watchers of events read from: the newest entries, rendered once and shared. Older ones come from
// the store; a sequence number is the only cursor there is.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <span>
#include <vector>

#include "base/time.h"
#include "journal/journal.h"

namespace dayu::runtime {

class WatchHub {
   public:
    static constexpr std::size_t max_kept = 65'536;

    void publish(std::span<const journal::RenderedEntry> entries);
    void start_after(Seq seq);  // what recovery reached

    Seq newest() const;
    // Entries after `seq`, in order; empty when there are none yet. `missed` is set when the oldest kept
    // entry is younger than what follows `seq`: read the store, then come back.
    std::vector<journal::RenderedEntry> after(Seq seq, std::size_t limit, bool& missed) const;
    // True when there is something after `seq`; false when the time ran out.
    bool wait(Seq seq, Duration timeout) const;

   private:
    mutable std::mutex mutex_;
    mutable std::condition_variable grown_;
    std::deque<journal::RenderedEntry> kept_;
    Seq newest_;
};

}  // namespace dayu::runtime
