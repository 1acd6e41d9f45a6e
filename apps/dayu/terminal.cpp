#include "dayu/terminal.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <initializer_list>

namespace dayu::app {
namespace {

termios as_it_was;
volatile sig_atomic_t is_raw = 0;

void restore() {
    if (is_raw == 0) return;
    is_raw = 0;
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &as_it_was);
}

// Our own bugs must not leave a shell that shows nothing. What asks us to end is looked after elsewhere.
void restore_and_die(int signal) {
    ::tcsetattr(STDIN_FILENO, TCSANOW, &as_it_was);
    ::signal(signal, SIG_DFL);
    ::raise(signal);
}

}  // namespace

RawTerminal::RawTerminal() {
    if (::tcgetattr(STDIN_FILENO, &as_it_was) != 0) return;
    static const bool at_exit = std::atexit(restore) == 0;
    static_cast<void>(at_exit);
    for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
        ::signal(signal, restore_and_die);
    }
    termios raw = as_it_was;
    ::cfmakeraw(&raw);
    is_raw = 1;
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

RawTerminal::~RawTerminal() { restore(); }

WindowSize window_size() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) return {};
    return {.rows = size.ws_row, .columns = size.ws_col};
}

bool is_at_terminal() { return ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0; }

}  // namespace dayu::app
