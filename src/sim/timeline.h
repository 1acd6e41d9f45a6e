// The one thread of a virtual world: what is to happen, in the order of its time, and among equals in the
// order in which it was asked for. Its time is the true one, which no node can see.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "base/time.h"

namespace dayu::sim {

class Timeline {
   public:
    using Action = std::function<void()>;

    Instant now() const { return now_; }

    void after(Duration delay, Action action) {
        queue_.emplace(std::pair{now_ + delay, ++asked_}, std::move(action));
    }

    // Lets the next thing happen; false when there is none.
    bool run_next() {
        if (queue_.empty()) return false;
        auto next = queue_.extract(queue_.begin());
        now_ = next.key().first;
        next.mapped()();
        return true;
    }

   private:
    Instant now_;
    std::uint64_t asked_ = 0;
    std::map<std::pair<Instant, std::uint64_t>, Action> queue_;
};

}  // namespace dayu::sim
