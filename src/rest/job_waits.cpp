#include "rest/job_waits.h"

#include <utility>

namespace dayu::rest {

bool JobWaits::add(JobId job, Instant deadline, Wake wake) {
    const std::lock_guard lock(mutex_);
    if (deadlines_.size() >= max_job_waits) return false;
    waiters_.emplace(job, Waiter{.deadline = deadline, .wake = std::move(wake)});
    deadlines_.emplace(deadline, job);
    return true;
}

void JobWaits::clear() {
    const std::lock_guard lock(mutex_);
    waiters_.clear();
    deadlines_.clear();
}

void JobWaits::take(std::span<const journal::RenderedEntry> entries) {
    std::vector<Wake> due;
    {
        const std::lock_guard lock(mutex_);
        if (waiters_.empty()) return;
        for (const journal::RenderedEntry& entry : entries) {
            if (entry.type != control::JobEnded::type) continue;
            const auto [from, to] = waiters_.equal_range(entry.job);
            for (auto at = from; at != to; ++at) due.push_back(std::move(at->second.wake));
            waiters_.erase(from, to);
        }
    }
    for (const Wake& wake : due) wake();
}

void JobWaits::tick(Instant now) {
    std::vector<Wake> due;
    {
        const std::lock_guard lock(mutex_);
        while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
            auto [at, to] = waiters_.equal_range(deadlines_.begin()->second);
            while (at != to) {
                const bool is_due = at->second.deadline <= now;
                if (is_due) due.push_back(std::move(at->second.wake));
                at = is_due ? waiters_.erase(at) : std::next(at);
            }
            deadlines_.erase(deadlines_.begin());
        }
    }
    for (const Wake& wake : due) wake();
}

}  // namespace dayu::rest
