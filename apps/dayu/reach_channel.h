// A client's end of a channel into a job's place (POST /v1/jobs/{id}/reach): frames to a program that the
// centre's agent has started, and frames back. One thread may send while another receives.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "dayu/connection.h"
#include "model/reach.h"

namespace dayu::app {

class ReachChannel {
   public:
    static Result<std::unique_ptr<ReachChannel>> open(const Globals& globals, std::int64_t job,
                                                      const wire::Json& wish);
    ~ReachChannel();  // closes it: the program ends
    ReachChannel(const ReachChannel&) = delete;
    ReachChannel& operator=(const ReachChannel&) = delete;

    // Waits until the server has taken all of it.
    Result<void> send(char kind, std::string_view payload);
    // The next frame, or nothing when none came in time. What the agent refused is an error, and so is
    // a channel that ended before its last frame.
    Result<std::optional<Frame>> receive(Duration wait);

    // From any thread, over a connection of its own: whoever waits gets an error.
    void close();

   private:
    ReachChannel(const Target& target, std::string session);
    Result<http::Response> call(http::Client& client, const http::Call& call);

    Target target_;
    std::string path_;
    http::Client in_;
    http::Client out_;
    FrameReader frames_;
    std::int64_t sent_ = 0;
    std::int64_t received_ = 0;
    bool at_end_ = false;   // nothing more will come
    bool is_over_ = false;  // the last frame has come
};

// "code\nmessage" as it comes from the agent, as the Error that it means.
Error error_from_centre(std::string_view text);

}  // namespace dayu::app
