#include "runtime/watch.h"

#include <algorithm>
#include <chrono>

namespace dayu::runtime {

void WatchHub::start_after(Seq seq) {
    const std::lock_guard lock(mutex_);
    newest_ = seq;
}

void WatchHub::publish(std::span<const journal::RenderedEntry> entries) {
    if (entries.empty()) return;
    {
        const std::lock_guard lock(mutex_);
        kept_.insert(kept_.end(), entries.begin(), entries.end());
        if (kept_.size() > max_kept) {
            kept_.erase(kept_.begin(), kept_.end() - static_cast<std::ptrdiff_t>(max_kept));
        }
        newest_ = entries.back().seq;
    }
    grown_.notify_all();
}

Seq WatchHub::newest() const {
    const std::lock_guard lock(mutex_);
    return newest_;
}

std::vector<journal::RenderedEntry> WatchHub::after(Seq seq, std::size_t limit,
                                                    bool& missed) const {
    const std::lock_guard lock(mutex_);
    const Seq first_kept{newest_.value - kept_.size() + 1};
    missed = seq < newest_ && seq.value + 1 < first_kept.value;
    if (missed || seq >= newest_) return {};
    const auto from = kept_.begin() + static_cast<std::ptrdiff_t>(seq.value + 1 - first_kept.value);
    const auto count = std::min(limit, static_cast<std::size_t>(kept_.end() - from));
    return {from, from + static_cast<std::ptrdiff_t>(count)};
}

bool WatchHub::wait(Seq seq, Duration timeout) const {
    std::unique_lock lock(mutex_);
    return grown_.wait_for(lock, std::chrono::milliseconds(timeout.ms),
                           [&] { return newest_ > seq; });
}

}  // namespace dayu::runtime
