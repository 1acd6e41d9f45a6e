#include "rest/timers.h"

#include <utility>
#include <vector>

namespace dayu::rest {

void Timers::at(Instant when, std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    tasks_.emplace(when, std::move(task));
}

void Timers::clear() {
    const std::lock_guard lock(mutex_);
    tasks_.clear();
}

void Timers::tick(Instant now) {
    std::vector<std::function<void()>> due;
    {
        const std::lock_guard lock(mutex_);
        const auto end = tasks_.upper_bound(now);
        for (auto at = tasks_.begin(); at != end; ++at) due.push_back(std::move(at->second));
        tasks_.erase(tasks_.begin(), end);
    }
    for (const auto& task : due) task();
}

}  // namespace dayu::rest
