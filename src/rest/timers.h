// What is to be done later: called on the pump's thread, so it must not block.
#pragma once

#include <functional>
#include <map>
#include <mutex>

#include "rest/pump.h"

namespace dayu::rest {

class Timers : public Follower {
   public:
    void at(Instant when, std::function<void()> task);

    void clear();

    void take(std::span<const journal::RenderedEntry>) override {}
    void tick(Instant now) override;

   private:
    std::mutex mutex_;
    std::multimap<Instant, std::function<void()>> tasks_;
};

}  // namespace dayu::rest
