// Readers of logs wait here until the agent at the centre has sent the bytes. A log lies where its
// attempt ran; the server keeps none of it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/agent_messages.h"

namespace dayu::runtime {

class LogRelay {
   public:
    using OnLog = std::function<void(Result<LogChunk>)>;
    static constexpr std::size_t max_waiting = 10'000;

    // Questions are numbered behind it. It must differ from one start of a server to the next: an agent
    // may still bring what the server before had asked, which is no answer to a question of this one.
    explicit LogRelay(std::uint64_t last_id) : last_id_(last_id) {}

    // Asks the agent of this installation, with its next sync.
    void ask(const std::string& installation, LogRequest request, Instant deadline, OnLog answer);
    // What to ask the agent now; each question is asked once.
    std::vector<LogRequest> take_requests(const std::string& installation);
    bool has_requests(const std::string& installation) const {
        return asked_.contains(installation);
    }
    void deliver(const std::vector<LogChunk>& chunks);
    void expire(Instant now);
    void close();  // answers all with unavailable

   private:
    struct Waiting {
        Instant deadline;
        OnLog answer;
    };
    std::uint64_t last_id_;
    std::map<std::uint64_t, Waiting> waiting_;
    std::map<std::string, std::vector<LogRequest>> asked_;
};

}  // namespace dayu::runtime
