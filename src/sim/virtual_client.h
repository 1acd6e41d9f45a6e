// Someone who submits one job, or an array, and does not give up: the same request with the same idempotency
// key, until it is acknowledged. Some ask again afterwards; some change their mind, and hold, release, requeue
// or cancel what they have.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "model/job.h"
#include "runtime/core.h"
#include "sim/random.h"
#include "sim/referee.h"
#include "sim/timeline.h"

namespace dayu::sim {

// A request to the server over whatever network there is; its answer may come never, or twice.
struct ClientCalls {
    using OnAnswer = std::function<void(const Result<runtime::Answer>&)>;
    std::function<void(const std::string& job_file, const std::string& key, OnAnswer)> submit;
    std::function<void(control::Command, OnAnswer)> ask;
};

struct Wish {
    JobFile file;
    Duration after;  // the world's beginning
    // After the acknowledgement:
    std::optional<Duration> cancel_after;
    std::optional<Duration> hold_after;
    std::optional<Duration> requeue_after;
    Duration release_after;  // of one that is held, now or then
    bool asks_again = false;
};

class VirtualClient {
   public:
    VirtualClient(Timeline& timeline, Referee& referee, Random random, Wish wish,
                  ClientCalls calls);

   private:
    void submit();
    void acknowledged(const runtime::Answer& answer);
    void cancel();
    void release();
    void change(control::JobAction action, ClientCalls::OnAnswer answer);
    bool is_array() const { return !wish_.file.conditions.array.indices.empty(); }

    Timeline& timeline_;
    Referee& referee_;
    Random random_;
    Wish wish_;
    ClientCalls calls_;
    std::string text_;
    std::string key_;
    JobId job_;
    bool cancelled_ = false;
    bool is_over_ = false;  // so the server has said
};

}  // namespace dayu::sim
