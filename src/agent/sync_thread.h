// The thread that has the agent's sync request under way. There is one request at most; abandoning it
// breaks it off and nothing is heard of it again.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "agent/probe.h"
#include "agent/step.h"
#include "base/result.h"
#include "base/time.h"
#include "http/client.h"

namespace dayu::agent {

class SyncThread {
   public:
    SyncThread(http::ClientOptions server, Probe probe);
    ~SyncThread();  // breaks off what is under way

    void send(SyncRequest request);
    void abandon();

    // The inputs that have come (Replied, SyncFailed); waits for one, for wake(), or for the time to run
    // out.
    std::deque<Input> wait(Duration timeout);
    void wake();

   private:
    void run();
    Result<SyncReply> exchange(http::Client& client, SyncRequest request);
    void say(const Result<SyncReply>& outcome);

    const http::ClientOptions server_;
    Probe probe_;  // the thread's own: a disk that hangs must not hold up the engines
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<SyncRequest> request_;  // to be sent
    std::shared_ptr<http::Client> client_;
    std::uint64_t generation_ = 0;  // an abandoned request is of an older one
    std::deque<Input> inbox_;
    bool woken_ = false;
    bool stopping_ = false;
    std::string last_problem_;  // said once, not at every attempt
    bool has_contact_ = false;
    std::thread thread_;
};

}  // namespace dayu::agent
