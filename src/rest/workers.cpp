#include "rest/workers.h"

#include <utility>

namespace dayu::rest {

Workers::Workers() {
    for (std::size_t i = 0; i < worker_threads; ++i) threads_.emplace_back([this] { run(); });
}

Workers::~Workers() { stop(); }

bool Workers::post(Task task) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || queue_.size() >= max_tasks_queued) return false;
        queue_.push_back(std::move(task));
    }
    grown_.notify_one();
    return true;
}

void Workers::stop() {
    std::deque<Task> dropped;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        dropped.swap(queue_);
    }
    grown_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

void Workers::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        grown_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        if (stopping_) return;
        Task task = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        task();
        task = nullptr;
        lock.lock();
    }
}

}  // namespace dayu::rest
