#include "agent/channel.h"

#include <charconv>
#include <chrono>
#include <thread>

#include "wire/json.h"

namespace dayu::agent {
namespace {

constexpr std::int64_t poll_s = 15;
constexpr Duration answer_patience = seconds(30);  // past the wait: the server may hold us back
constexpr Duration bears_silence = seconds(40);    // of the server, before the channel is given up
constexpr std::chrono::milliseconds retry_pause{200};
constexpr std::size_t piece_bytes = 512 * 1024;

}  // namespace

Channel::Channel(const http::ClientOptions& server, const std::string& session)
    : path_("/v1/agent/reach/" + session), in_(server), out_(server) {}

// A server that is away for a moment is waited for.
Result<http::Response> Channel::call(http::Client& client, const http::Call& call) {
    const Instant give_up = system_clock().instant() + bears_silence;
    while (true) {
        Result<http::Response> response = client.request(call);
        if (response.ok() && response->status == 200) return response;
        const bool passes = !response.ok() || response->status >= 500;
        if (response.ok() && !passes) {
            return unavailable("reach_closed",
                               "the server has ended it: " + std::to_string(response->status));
        }
        if (interrupted_ || system_clock().instant() > give_up)
            return unavailable("reach_closed", "the server is away");
        std::this_thread::sleep_for(retry_pause);
    }
}

Result<Channel::Input> Channel::read() {
    const std::string query =
        "/in?offset=" + std::to_string(read_) + "&wait_s=" + std::to_string(poll_s);
    http::Response response =
        TRY(call(in_, {.path = path_ + query, .timeout = seconds(poll_s) + answer_patience}));
    read_ += static_cast<std::int64_t>(response.body.size());
    const bool ended = response.header("Dayu-Reach-End").value_or("") == "true";
    return Input{std::move(response.body), ended};
}

Result<void> Channel::write(std::string_view bytes, bool ends) {
    do {
        const std::string_view piece = bytes.substr(0, piece_bytes);
        const bool is_last = piece.size() == bytes.size();
        const std::string query =
            "/out?offset=" + std::to_string(written_) + (ends && is_last ? "&end=true" : "");
        const http::Response response = TRY(call(out_, {.method = "POST",
                                                        .path = path_ + query,
                                                        .body = std::string(piece),
                                                        .content_type = "application/octet-stream",
                                                        .timeout = answer_patience}));
        const wire::Json json = TRY(wire::parse_json(response.body));
        const wire::Json* const next = json.find("next");
        const std::int64_t* const reached = next == nullptr ? nullptr : next->as_int();
        const auto most = written_ + static_cast<std::int64_t>(piece.size());
        if (reached == nullptr || *reached < written_ || *reached > most)
            return internal("reach_malformed", "the server's answer has no usable `next`");
        bytes.remove_prefix(static_cast<std::size_t>(*reached - written_));
        written_ = *reached;
    } while (!bytes.empty());
    return {};
}

void Channel::interrupt() {
    interrupted_ = true;
    in_.interrupt();
    out_.interrupt();
}

}  // namespace dayu::agent
