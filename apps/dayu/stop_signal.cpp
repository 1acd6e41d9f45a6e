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

void on_signal(int) {
    const int before = errno;
    const char byte = 0;
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

StopSignal::~StopSignal() {
    for (const int signal : {SIGTERM, SIGINT}) ::signal(signal, SIG_DFL);
    for (int& end : stop_pipe) {
        close(end);
        end = -1;
    }
}

void StopSignal::wait() const {
    char byte = 0;
    while (read(stop_pipe[0], &byte, 1) < 0 && errno == EINTR) {}
}

void StopSignal::end_wait() const { on_signal(0); }

}  // namespace dayu::app
