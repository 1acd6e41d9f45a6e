#include "dayu/screen.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "base/check.h"

namespace dayu::app {
namespace {

constexpr std::size_t usual_rows = 24;
constexpr std::array ending_signals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
constexpr char ctrl_z = 0x1A;
constexpr char ctrl_d = 0x04;

// Other screen, no cursor, no wrapping of long lines; and back.
constexpr std::string_view enter_text = "\x1b[?1049h\x1b[?25l\x1b[?7l";
constexpr std::string_view leave_text = "\x1b[?7h\x1b[?25h\x1b[?1049l";

// For the signal handler, which may call little.
termios before{};
int wake_pipe[2] = {-1, -1};
volatile sig_atomic_t quits = 0;

void write_all(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
        if (written < 0 && errno != EINTR) return;
        if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
    }
}

void enter() {
    termios raw = before;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    raw.c_cc[VSUSP] =
        _POSIX_VDISABLE;  // comes as a key, so that the terminal can be handed back first
    tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    write_all(enter_text);
}

void leave() {
    write_all(leave_text);
    tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
}

// The first is heard by wait(). Whoever is stuck in a request is ended by the second.
void on_signal(int signal) {
    const int saved = errno;
    if (signal != SIGWINCH) {
        if (quits != 0) {
            leave();
            _exit(128 + signal);
        }
        quits = 1;
    }
    const char byte = 0;
    [[maybe_unused]] const ssize_t written = write(wake_pipe[1], &byte, 1);
    errno = saved;
}

}  // namespace

bool Screen::is_possible() {
    const char* terminal = std::getenv("TERM");
    const bool is_dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
    return !is_dumb && isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0;
}

Screen::Screen() {
    CHECK(wake_pipe[0] < 0);
    CHECK(pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) == 0);
    CHECK(tcgetattr(STDIN_FILENO, &before) == 0);
    std::fflush(stdout);
    struct sigaction action{};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    for (const int signal : ending_signals) sigaction(signal, &action, nullptr);
    sigaction(SIGWINCH, &action, nullptr);
    enter();
}

Screen::~Screen() {
    leave();
    for (const int signal : ending_signals) ::signal(signal, SIG_DFL);
    ::signal(SIGWINCH, SIG_DFL);
    for (int& end : wake_pipe) {
        close(end);
        end = -1;
    }
}

std::size_t Screen::rows() const {
    winsize size{};
    const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0;
    return known ? size.ws_row : usual_rows;
}

void Screen::paint(std::string_view text) {
    std::string out = "\x1b[H";
    std::size_t left = rows();
    while (!text.empty() && left > 0) {
        const std::size_t end = text.find('\n');
        out += text.substr(0, end);
        out += "\x1b[K";
        --left;
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (!text.empty() && left > 0) out += "\r\n";
    }
    if (left > 0) out += "\r\n\x1b[J";
    write_all(out);
}

Screen::Wake Screen::wait(Duration longest) {
    const Instant end = system_clock().instant() + longest;
    while (quits == 0) {
        const Duration left = end - system_clock().instant();
        if (left.ms <= 0) return Wake::tick;
        std::array<pollfd, 2> ends{{{STDIN_FILENO, POLLIN, 0}, {wake_pipe[0], POLLIN, 0}}};
        if (poll(ends.data(), ends.size(), static_cast<int>(left.ms)) <= 0) continue;
        char byte = 0;
        if (ends[1].revents != 0) {
            while (read(wake_pipe[0], &byte, 1) > 0) {}
            return quits == 0 ? Wake::tick : Wake::quit;
        }
        const ssize_t got = read(STDIN_FILENO, &byte, 1);
        if (got <= 0 || byte == 'q' || byte == 'Q' || byte == ctrl_d) return Wake::quit;
        if (byte == ctrl_z) suspend();
        return Wake::tick;  // any other key: look at once
    }
    return Wake::quit;
}

void Screen::suspend() {
    leave();
    raise(SIGSTOP);
    enter();
}

}  // namespace dayu::app
