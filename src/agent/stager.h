// Brings the workdirs of jobs to their centres before they start: a few at a time, each on a thread of its
// own, as long as it takes. A line that breaks, or a server that is away, is waited for; what cannot be
// mended is told to step() as the reason for which the attempt does not start.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "agent/content_cache.h"
#include "agent/sites.h"
#include "agent/step.h"
#include "http/client.h"

namespace dayu::agent {

class Stager {
   public:
    // The engines must outlive it.
    Stager(std::vector<Site> sites, http::ClientOptions server, std::string installation,
           std::unique_ptr<ContentCache> cache);
    ~Stager();  // gives up what is under way; the next agent begins it anew

    // What to call when there is news; from any thread of it.
    void on_news(std::function<void()> wake);

    void begin(StartOrder order);
    void abandon(const Token& token);
    std::deque<Input> take_news();  // Staged, StagingFailed

   private:
    struct Task {
        StartOrder order;
        std::atomic<bool> abandoned = false;
    };
    using TaskPtr = std::shared_ptr<Task>;

    void run(std::size_t worker);
    TaskPtr next();
    Result<void> stage(const Task& task, http::Client& client);
    void stage_until_done(const Task& task, http::Client& client);
    void tell(Input news);
    bool pause(const Task& task, Duration duration);

    const std::vector<Site> sites_;
    const std::string installation_;
    const std::unique_ptr<ContentCache> cache_;
    std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::deque<TaskPtr> waiting_;
    std::vector<TaskPtr> under_way_;
    std::deque<Input> news_;
    std::function<void()> wake_;
    bool stopping_ = false;
    std::vector<std::unique_ptr<http::Client>> clients_;  // one a worker
    std::vector<std::thread> workers_;
};

}  // namespace dayu::agent
