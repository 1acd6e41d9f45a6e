// dayu exec JOB -- CMD: a command in a running job's place, with its streams and its exit code, and at a
// terminal with a terminal there.
//
// Three threads: this one takes what comes and writes it; one sends what is typed; one waits for signals
// (they are blocked everywhere else) and ends the other two by closing the channel.
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <fmt/core.h>

#include "dayu/output.h"
#include "dayu/reach_channel.h"
#include "dayu/terminal.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

constexpr Duration poll_wait = seconds(15);
constexpr std::size_t piece_bytes = 64 * 1024;
constexpr timespec look_every{0, 100'000'000};

struct ExecOptions {
    std::string job;
    std::int64_t node = 0;
    bool terminal = false;
    bool no_terminal = false;
    std::vector<std::string> command;
};

sigset_t signals_of_ours() {
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGPIPE}) {
        ::sigaddset(&signals, signal);
    }
    return signals;
}

class Exec {
   public:
    Exec(std::unique_ptr<ReachChannel> channel, bool terminal)
        : channel_(std::move(channel)), has_terminal_(terminal), over_fd_(::eventfd(0, 0)) {}
    ~Exec() { ::close(over_fd_); }

    Result<int> run() {
        std::optional<RawTerminal> raw;
        if (has_terminal_) raw.emplace();
        std::thread typing([this] { send_input(); });
        std::thread watching([this] { watch_signals(); });
        Result<int> code = receive();
        over_ = true;
        const std::uint64_t one = 1;
        (void)!::write(over_fd_, &one, sizeof one);
        typing.join();
        watching.join();
        if (signal_ != 0) return 128 + signal_;
        return code;
    }

   private:
    Result<int> receive() {
        while (true) {
            const auto frame = TRY(channel_->receive(poll_wait));
            if (!frame) continue;
            if (frame->kind == reach::exited) return std::atoi(frame->payload.c_str());
            if (frame->kind == reach::output) show(STDOUT_FILENO, frame->payload);
            if (frame->kind == reach::errors) show(STDERR_FILENO, frame->payload);
        }
    }

    // Whoever read our output may have gone, as `head` does: then the command has no reader either.
    void show(int fd, std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t count = ::write(fd, bytes.data(), bytes.size());
            if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
            if (count < 0) return channel_->close();
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
    }

    bool send(char kind, std::string_view payload) {
        const std::lock_guard lock(sending_);
        return channel_->send(kind, payload).ok();
    }

    void send_input() {
        std::string piece(piece_bytes, '\0');
        pollfd waiting[] = {{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                            {.fd = over_fd_, .events = POLLIN, .revents = 0}};
        while (!over_) {
            if (::poll(waiting, 2, -1) < 0 && errno != EINTR) return;
            if (over_ || waiting[0].revents == 0) continue;
            const ssize_t count = ::read(STDIN_FILENO, piece.data(), piece.size());
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) {
                send(reach::input_end, "");
                return;
            }
            if (!send(reach::input, {piece.data(), static_cast<std::size_t>(count)})) return;
        }
    }

    void watch_signals() {
        const sigset_t signals = signals_of_ours();
        while (!over_) {
            const int signal = ::sigtimedwait(&signals, nullptr, &look_every);
            if (signal <= 0 || signal == SIGPIPE) continue;
            if (signal == SIGWINCH) {
                const WindowSize size = window_size();
                if (has_terminal_)
                    send(reach::window, fmt::format("{} {}", size.rows, size.columns));
                continue;
            }
            signal_ = signal;
            channel_->close();
        }
    }

    std::unique_ptr<ReachChannel> channel_;
    const bool has_terminal_;
    const int over_fd_;
    std::mutex sending_;
    std::atomic<bool> over_ = false;
    std::atomic<int> signal_ = 0;
};

Result<int> exec(const ExecOptions& options, const Globals& globals) {
    const std::int64_t job = TRY(parse_job_id(options.job));
    if (options.command.empty())
        return invalid("usage", "what shall run? dayu exec " + options.job + " -- CMD ...");
    if (options.terminal && ::isatty(STDIN_FILENO) == 0)
        return invalid("usage", "-t wants a terminal as standard input; leave it out for a pipe");
    const bool terminal = !options.no_terminal && (options.terminal || is_at_terminal());
    wire::Json wish;
    wish["kind"] = "exec";
    wish["node"] = options.node;
    wish["argv"] = wire::Json::Array(options.command.begin(), options.command.end());
    if (terminal) {
        const char* const term = std::getenv("TERM");
        const WindowSize size = window_size();
        wish["term"] = term == nullptr || *term == '\0' ? "xterm" : term;
        wish["rows"] = size.rows;
        wish["columns"] = size.columns;
    }
    // Blocked before any thread begins, so that watch_signals() alone has them.
    const sigset_t signals = signals_of_ours();
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    const Result<int> code = Exec(TRY(ReachChannel::open(globals, job, wish)), terminal).run();
    if (code.ok()) return code;
    const Error& error = code.error();
    return Error{error.kind, error.code, fmt::format("job {}: {}", job, error.message)};
}

}  // namespace

Verb exec_verb() {
    const auto options = std::make_shared<ExecOptions>();
    return {
        .name = "exec",
        .help = "Run a command in a running job's place",
        .options = {{"JOB", &options->job, "job id", true},
                    {"--node", &options->node, "node of a gang (0)"},
                    {"-t,--terminal", &options->terminal, "with a terminal there, as at one here"},
                    {"-T,--no-terminal", &options->no_terminal, "with pipes, even at a terminal"}},
        .run = [options](const Globals& globals) { return exec(*options, globals); },
        .command = &options->command,
    };
}

}  // namespace dayu::app
