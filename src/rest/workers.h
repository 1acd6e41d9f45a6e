// Threads for what may wait: reads of the store, and of the loop. The HTTP threads hand such requests
// over, so that a slow list never stands before a submit.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace dayu::rest {

inline constexpr std::size_t worker_threads = 2;
inline constexpr std::size_t max_tasks_queued = 4096;

class Workers {
   public:
    using Task = std::function<void()>;

    Workers();
    ~Workers();

    // False when too much is queued, or after stop(): the task was dropped.
    bool post(Task task);
    // Drops what is queued and joins.
    void stop();

   private:
    void run();

    std::mutex mutex_;
    std::condition_variable grown_;
    std::deque<Task> queue_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace dayu::rest
