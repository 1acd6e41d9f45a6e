#include "engine/shim.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/process/files.h"
#include "engine/process/guest.h"
#include "engine/process/processes.h"
#include "engine/process/record.h"
#include "engine/process/secrets.h"
#include "engine/process/supervisor.h"

namespace dayu::engine {
namespace {

constexpr int engine_fd = 3;                // the engine waits there for one line
constexpr unsigned exit_retry_seconds = 1;  // while the disk has no room for the exit record

void answer(const std::string& line) {
    (void)write_all(engine_fd, line + "\n", "the engine");
    ::close(engine_fd);
}

int take_signals() {
    sigset_t signals;
    ::sigfillset(&signals);
    ::sigprocmask(SIG_SETMASK, &signals, nullptr);
    sigset_t awaited;
    ::sigemptyset(&awaited);
    for (const int signal : {SIGCHLD, SIGUSR1, SIGTERM}) ::sigaddset(&awaited, signal);
    return ::signalfd(-1, &awaited, SFD_CLOEXEC | SFD_NONBLOCK);
}

int stand_over(const AttemptFiles& files, const std::vector<std::string>& secrets) {
    const Result<Fd> lock = try_lock(files.lock());
    // Without the lock another has the attempt; with an exit record it was declared dead before we
    // came. Either way the job is not ours to start.
    if (!lock.ok() || !lock.value() || exists(files.exit())) return answer("not mine"), 1;
    auto claim = read_record<Claim>(files.claim());
    if (!claim) return answer("no claim"), 1;
    claim->env.insert(claim->env.end(), secrets.begin(), secrets.end());
    const ShimIdentity self{.pid = ::getpid(), .start_ticks = start_ticks(::getpid())};
    const int signal_fd = take_signals();
    if (!write_all(lock.value().get(), to_record(self), files.lock()).ok()) {
        return answer("no room"), 1;
    }
    answer("locked");

    Supervisor supervisor(files, *claim, signal_fd);
    const Ending ending = supervisor.run();
    while (!write_ending(files, ending).ok() && exists(files.directory))
        ::sleep(exit_retry_seconds);
    supervisor.remove_cgroup();
    return 0;
}

}  // namespace

int run_shim(int argc, char** argv) {
    if (argc > 2 && std::string_view(argv[1]) == "--reach") return run_guest(argc - 2, argv + 2);
    if (argc != 2 && argc != 3) return 2;
    // Nobody's child: the agent that started us may end, and be started again, at any time.
    if (const pid_t pid = ::fork(); pid != 0) ::_exit(pid > 0 ? 0 : 1);
    ::setsid();
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (::chdir("/") != 0) return 1;
    std::vector<std::string> secrets;
    if (argc == 3) {
        auto taken = take_secrets();
        if (!taken.ok()) return 1;
        secrets = std::move(*taken);
    }
    return stand_over({argv[1]}, secrets);
}

}  // namespace dayu::engine
