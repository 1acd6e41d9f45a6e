// Someone who submits one job and does not give up: the same request with the same idempotency key, until
// it is acknowledged. Some ask again afterwards, some change their mind and cancel.
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
    std::function<void(JobId, OnAnswer)> cancel;
};

struct Wish {
    JobFile file;
    Duration after;                        // the world's beginning
    std::optional<Duration> cancel_after;  // the acknowledgement
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

    Timeline& timeline_;
    Referee& referee_;
    Random random_;
    Wish wish_;
    ClientCalls calls_;
    std::string text_;
    std::string key_;
    JobId job_;
    bool cancelled_ = false;
};

}  // namespace dayu::sim
