#include "dayu/stop_signal.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>

#include "base/check.h"

namespace dayu::app {
namespace {

int stop_pipe[2] = {-1, -1};

constexpr char stop_byte = 0;
constexpr char hangup_byte = 1;

void on_signal(int signal) {
    const int before = errno;
    const char byte = signal == SIGHUP ? hangup_byte : stop_byte;
    [[maybe_unused]] const ssize_t written = write(stop_pipe[1], &byte, 1);
    errno = before;
}

}  // namespace

StopSignal::StopSignal() {
    CHECK(stop_pipe[0] < 0);
    CHECK(pipe2(stop_pipe, O_CLOEXEC) == 0);
    struct sigaction action{};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
    for (const int signal : {SIGTERM, SIGINT}) sigaction(signal, &action, nullptr);
}

void StopSignal::hear_hangups() {
    struct sigaction action{};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    sigaction(SIGHUP, &action, nullptr);
    hears_hangups_ = true;
}

StopSignal::~StopSignal() {
    if (hears_hangups_) ::signal(SIGHUP, SIG_DFL);
    for (const int signal : {SIGTERM, SIGINT}) ::signal(signal, SIG_DFL);
    for (int& end : stop_pipe) {
        close(end);
        end = -1;
    }
}

StopSignal::Heard StopSignal::wait() const {
    char byte = stop_byte;
    while (read(stop_pipe[0], &byte, 1) < 0 && errno == EINTR) {}
    return byte == hangup_byte ? Heard::hangup : Heard::stop;
}

void StopSignal::end_wait() const { on_signal(0); }

}  // namespace dayu::app
