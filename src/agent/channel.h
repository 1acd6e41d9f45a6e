// The agent's end of one channel into a job's place: two connections of its own, on which it asks for what
// comes in and hands on what goes out. Each counts its bytes, so that a request that broke off is made
// again and nothing is lost or doubled (rest/reach_desk.h is the other side).
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/client.h"

namespace dayu::agent {

class Channel {
   public:
    Channel(const http::ClientOptions& server, const std::string& session);

    struct Input {
        std::string bytes;
        bool ended = false;
    };
    // Waits for the next bytes, some seconds at most. An error: the channel is over.
    Result<Input> read();
    // Waits until all of it is taken. Not from the thread that reads.
    Result<void> write(std::string_view bytes, bool ends);

    // From any thread: ends what waits, for good.
    void interrupt();

   private:
    Result<http::Response> call(http::Client& client, const http::Call& call);

    std::string path_;
    http::Client in_;
    http::Client out_;
    std::int64_t read_ = 0;
    std::int64_t written_ = 0;
    std::atomic<bool> interrupted_ = false;
};

}  // namespace dayu::agent
