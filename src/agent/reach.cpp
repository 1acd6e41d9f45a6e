#include "agent/reach.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <utility>

#include "base/log.h"
#include "wire/json_fields.h"

namespace dayu::agent {
namespace {

constexpr std::int64_t poll_s = 15;
constexpr Duration answer_patience = seconds(20);
constexpr std::chrono::milliseconds retry_pause{500};
constexpr int older_server_pauses = 60;           // of retry_pause: a server without this route
constexpr Duration start_patience = seconds(15);  // for an attempt that is just starting
constexpr std::chrono::milliseconds start_pause{50};
constexpr int look_ms = 50;     // at whether the program, or the channel, has ended
constexpr int end_look_ms = 2;  // once its streams have ended
constexpr std::size_t piece_bytes = 256 * 1024;

std::string failure(const Error& error) {
    return make_frame(reach::failed, error.code + "\n" + error.message);
}

// All of it, as fast as the program reads. False: nobody reads it, or the session is over.
bool write_fully(int fd, std::string_view bytes, const std::atomic<bool>& over) {
    while (!bytes.empty()) {
        if (over) return false;
        const ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return false;
        pollfd waiting{.fd = fd, .events = POLLOUT, .revents = 0};
        ::poll(&waiting, 1, look_ms);
    }
    return true;
}

}  // namespace

Reach::Reach(std::vector<Site> sites, http::ClientOptions server, std::string installation)
    : sites_(std::move(sites)),
      server_(std::move(server)),
      installation_(std::move(installation)),
      client_(server_),
      thread_([this] { poll(); }) {}

Reach::~Reach() {
    stopping_ = true;
    client_.interrupt();
    thread_.join();
    for (const auto& session : sessions_) {
        session->over = true;
        session->channel.interrupt();
        session->thread.join();
    }
}

void Reach::poll() {
    const std::string path = "/v1/agent/reach?installation=" + http::percent_encode(installation_) +
                             "&wait_s=" + std::to_string(poll_s);
    while (!stopping_) {
        const Result<http::Response> response =
            client_.request({.path = path, .timeout = seconds(poll_s) + answer_patience});
        forget_done();
        ReachOrders orders;
        const bool heard = response.ok() && response->status == 200;
        if (heard) {
            const Result<wire::Json> json = wire::parse_json(response->body);
            if (json.ok() && wire::from_json(*json, orders, {.ignore_unknown_keys = true}).ok()) {
                for (ReachOrder& order : orders.orders) begin(std::move(order));
                continue;
            }
        }
        const bool is_older = response.ok() && response->status == 404;
        for (int i = 0; i < (is_older ? older_server_pauses : 1) && !stopping_; ++i) {
            std::this_thread::sleep_for(retry_pause);
        }
    }
}

void Reach::forget_done() {
    sessions_.remove_if([](const auto& session) {
        if (!session->done) return false;
        session->thread.join();
        return true;
    });
}

void Reach::begin(ReachOrder order) {
    auto session = std::make_unique<Session>(server_, std::move(order));
    Session& its = *session;
    if (sessions_.size() >= max_reached) {
        (void)its.channel.write(
            failure(exhausted("too_many_reach_sessions",
                              "the agent serves " + std::to_string(max_reached) +
                                  " copies and commands already; try again later")),
            true);
        return;
    }
    its.thread = std::thread([this, &its] {
        run(its);
        its.done = true;
    });
    sessions_.push_back(std::move(session));
}

Result<std::unique_ptr<engine::Reached>> Reach::let_in(const ReachOrder& order) {
    const auto site = std::ranges::find(sites_, order.center, &Site::center);
    if (site == sites_.end()) return not_found("center_unknown", "no centre " + order.center);
    const Instant give_up = system_clock().instant() + start_patience;
    while (true) {
        auto program = site->engine->reach(order);
        const bool waits = !program.ok() && program.error().code == "attempt_not_started" &&
                           system_clock().instant() < give_up && !stopping_;
        if (!waits) return program;
        std::this_thread::sleep_for(start_pause);
    }
}

void Reach::run(Session& session) {
    Result<std::unique_ptr<engine::Reached>> program = let_in(session.order);
    if (!program.ok()) {
        (void)session.channel.write(failure(program.error()), true);
        return;
    }
    log_info("attempt {}: someone reaches in ({})", session.order.token.text, session.order.kind);
    std::thread feeder([&] { feed(session, **program); });
    drain(session, **program);
    session.over = true;
    session.channel.interrupt();
    feeder.join();
}

// What comes in, to the program.
void Reach::feed(Session& session, engine::Reached& program) {
    sigset_t broken_pipe;  // a program that reads no more is no reason for the agent to end
    ::sigemptyset(&broken_pipe);
    ::sigaddset(&broken_pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    FrameReader frames;
    while (!session.over) {
        const Result<Channel::Input> input = session.channel.read();
        if (!input.ok()) break;
        frames.add(input->bytes);
        while (const auto frame = frames.next()) {
            if (frame->kind == reach::input) {
                write_fully(program.input(), frame->payload, session.over);
            } else if (frame->kind == reach::input_end) {
                program.close_input();
            } else if (frame->kind == reach::window) {
                long rows = 0;
                long columns = 0;
                if (std::sscanf(frame->payload.c_str(), "%ld %ld", &rows, &columns) == 2)
                    program.resize(rows, columns);
            }
        }
        if (input->ended || frames.is_broken()) break;
    }
    session.over = true;
}

// What the program says, outwards; its exit code is the last word.
void Reach::drain(Session& session, engine::Reached& program) {
    std::string piece(piece_bytes, '\0');
    pollfd streams[] = {{.fd = program.output(), .events = POLLIN, .revents = 0},
                        {.fd = program.errors(), .events = POLLIN, .revents = 0}};
    while (!session.over) {
        const bool is_silent = streams[0].fd < 0 && streams[1].fd < 0;
        ::poll(streams, 2, is_silent ? end_look_ms : look_ms);
        std::string said;
        for (pollfd& stream : streams) {
            if (stream.fd < 0 || stream.revents == 0) continue;
            const ssize_t count = ::read(stream.fd, piece.data(), piece.size());
            if (count > 0) {
                said += make_frame(&stream == streams ? reach::output : reach::errors,
                                   {piece.data(), static_cast<std::size_t>(count)});
            } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
                stream.fd = -1;  // a terminal that was left says EIO
            }
        }
        if (!said.empty() && !session.channel.write(said, false).ok()) return;
        if (!is_silent) continue;
        if (const auto code = program.poll_exit()) {
            (void)session.channel.write(make_frame(reach::exited, std::to_string(*code)), true);
            return;
        }
    }
}

}  // namespace dayu::agent
