#include "dayu/reach_channel.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <thread>
#include <utility>

#include "dayu/answers.h"

namespace dayu::app {
namespace {

constexpr Duration answer_patience = seconds(40);  // past a wait: the server may hold us back
constexpr Duration bears_silence = seconds(30);    // of a server that is away
constexpr std::chrono::milliseconds retry_pause{200};
constexpr std::size_t piece_bytes = 512 * 1024;

}  // namespace

Error error_from_centre(std::string_view text) {
    const std::size_t line = text.find('\n');
    const std::string code(text.substr(0, line));
    const std::string message(line == std::string_view::npos ? text : text.substr(line + 1));
    // The words of file_words.h; what an agent or an engine says has its kind from its code.
    if (code == "file_not_found") return not_found("file_not_found", message);
    if (code == "path_outside") return denied("path_outside", message);
    if (code == "file_denied") return denied("file_denied", message);
    if (code == "not_a_folder") return conflict("not_a_folder", message);
    if (code == "is_a_folder") return conflict("is_a_folder", message);
    if (code == "disk_full") return exhausted("disk_full", message);
    if (code == "content_differs") return unavailable("content_differs", message);
    if (code == "file_word_unknown") return unavailable("file_word_unknown", message);
    if (code == "file_failed") return conflict("file_failed", message);
    const auto is = [&](auto... codes) { return ((code == codes) || ...); };
    if (is("attempt_not_kept", "no_files_left", "center_unknown")) return not_found(code, message);
    if (is("too_many_reach_sessions")) return exhausted(code, message);
    if (is("attempt_not_started")) return unavailable(code, message);
    if (is("node_unknown", "argv_empty", "argv_too_long")) return invalid(code, message);
    return conflict(code, message);
}

ReachChannel::ReachChannel(const Target& target, std::string session)
    : target_(target),
      path_("/v1/reach/" + std::move(session)),
      in_(client_options(target)),
      out_(client_options(target)) {}

Result<std::unique_ptr<ReachChannel>> ReachChannel::open(const Globals& globals, std::int64_t job,
                                                         const wire::Json& wish) {
    Connection connection = TRY(Connection::open(globals));
    const wire::Json opened = TRY(connection.post(job_path(job, "/reach"), wire::to_text(wish)));
    return std::unique_ptr<ReachChannel>(
        new ReachChannel(connection.target(), text(opened, "session")));
}

ReachChannel::~ReachChannel() {
    if (!is_over_) close();
}

Result<http::Response> ReachChannel::call(http::Client& client, const http::Call& call) {
    const Instant give_up = system_clock().instant() + bears_silence;
    while (true) {
        Result<http::Response> response = client.request(call);
        if (response.ok() && response->status == 200) return response;
        if (response.ok()) return error_from(*response);
        const bool passes = response.error().code == "server_unreachable";
        if (!passes || system_clock().instant() > give_up) return response;
        std::this_thread::sleep_for(retry_pause);
    }
}

Result<void> ReachChannel::send(char kind, std::string_view payload) {
    const std::string frame = make_frame(kind, payload);
    for (std::string_view left = frame; !left.empty();) {
        const std::string_view piece = left.substr(0, piece_bytes);
        const http::Response response =
            TRY(call(in_, {.method = "POST",
                           .path = path_ + "/in?offset=" + std::to_string(sent_),
                           .body = std::string(piece),
                           .content_type = "application/octet-stream",
                           .timeout = answer_patience}));
        const std::int64_t next = number(TRY(wire::parse_json(response.body)), "next");
        const auto most = sent_ + static_cast<std::int64_t>(piece.size());
        if (next < sent_ || next > most)
            return internal("reach_malformed", "the server's answer has no usable `next`");
        left.remove_prefix(static_cast<std::size_t>(next - sent_));
        sent_ = next;
    }
    return {};
}

Result<std::optional<Frame>> ReachChannel::receive(Duration wait) {
    while (true) {
        if (auto frame = frames_.next()) {
            is_over_ |= frame->kind == reach::failed || frame->kind == reach::exited;
            if (frame->kind == reach::failed) return error_from_centre(frame->payload);
            return std::optional(std::move(*frame));
        }
        if (at_end_ || frames_.is_broken()) {
            return unavailable("reach_lost",
                               "the channel to the centre ended too early; try again");
        }
        const std::string query = "/out?offset=" + std::to_string(received_) +
                                  "&wait_s=" + std::to_string(wait.ms / 1000);
        const http::Response response =
            TRY(call(out_, {.path = path_ + query, .timeout = wait + answer_patience}));
        received_ += static_cast<std::int64_t>(response.body.size());
        frames_.add(response.body);
        at_end_ = response.header("Dayu-Reach-End").value_or("") == "true";
        if (response.body.empty() && !at_end_) return std::optional<Frame>();
    }
}

void ReachChannel::close() {
    http::Client client(client_options(target_));
    (void)client.request({.method = "POST", .path = path_ + "/close", .timeout = seconds(5)});
}

}  // namespace dayu::app
