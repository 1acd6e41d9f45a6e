#include "runtime/log_relay.h"

#include <utility>

namespace dayu::runtime {
namespace {

Error no_answer() {
    return unavailable("log_unavailable",
                       "the agent of that centre did not send the log in time; try again");
}

}  // namespace

void LogRelay::ask(const std::string& installation, LogRequest request, Instant deadline,
                   OnLog answer) {
    if (waiting_.size() >= max_waiting) {
        return answer(
            exhausted("too_many_log_readers",
                      std::to_string(max_waiting) + " readers wait for logs already; try again"));
    }
    request.id = ++last_id_;
    waiting_.emplace(request.id, Waiting{deadline, std::move(answer)});
    asked_[installation].push_back(std::move(request));
}

std::vector<LogRequest> LogRelay::take_requests(const std::string& installation) {
    auto found = asked_.extract(installation);
    return found.empty() ? std::vector<LogRequest>{} : std::move(found.mapped());
}

void LogRelay::deliver(const std::vector<LogChunk>& chunks) {
    for (const LogChunk& chunk : chunks) {
        auto waiting = waiting_.extract(chunk.id);
        if (waiting.empty()) continue;
        if (chunk.error.empty()) {
            waiting.mapped().answer(chunk);
        } else {
            waiting.mapped().answer(not_found("log_not_there", chunk.error));
        }
    }
}

void LogRelay::expire(Instant now) {
    // Ids rise with time and all wait equally long: the oldest are in front.
    while (!waiting_.empty() && waiting_.begin()->second.deadline <= now) {
        waiting_.extract(waiting_.begin()).mapped().answer(no_answer());
    }
}

void LogRelay::close() {
    while (!waiting_.empty()) waiting_.extract(waiting_.begin()).mapped().answer(no_answer());
    asked_.clear();
}

}  // namespace dayu::runtime
