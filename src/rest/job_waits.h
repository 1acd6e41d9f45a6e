// Who waits for the end of a job: long polls without a thread each.
#pragma once

#include <functional>
#include <map>
#include <mutex>

#include "rest/pump.h"

namespace dayu::rest {

inline constexpr std::size_t max_job_waits = 20'000;

class JobWaits : public Follower {
   public:
    // Called once, on the pump's thread, when the job has ended or the time is over.
    using Wake = std::function<void()>;

    // False when too many wait already. What ended before this call is not noticed: look after it.
    bool add(JobId job, Instant deadline, Wake wake);

    void clear();

    void take(std::span<const journal::RenderedEntry> entries) override;
    void tick(Instant now) override;

   private:
    struct Waiter {
        Instant deadline;
        Wake wake;
    };
    std::mutex mutex_;
    std::multimap<JobId, Waiter> waiters_;
    std::multimap<Instant, JobId> deadlines_;  // one for each waiter, or for one that has gone
};

}  // namespace dayu::rest
