#include "engine/process/guest.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "engine/process/file_server.h"
#include "engine/process/files.h"
#include "engine/process/place.h"
#include "engine/process/processes.h"
#include "engine/process/record.h"

namespace dayu::engine {
namespace {

constexpr timespec look_every{0, 100'000'000};  // at the attempt, and at the agent
constexpr timespec kill_pause{0, 5'000'000};
constexpr int kill_sweeps = 200;

struct Guest {
    AttemptFiles files;
    Claim claim;
    std::int64_t node = 0;
    bool is_command = false;
    std::string term;  // empty: pipes
    char** argv = nullptr;
};

int say(const std::string& what) {
    const std::string line = "dayu: " + what + "\n";
    (void)!::write(STDERR_FILENO, line.data(), line.size());
    return guest_failed;
}

bool has_ended(const AttemptFiles& files) {
    return exists(files.exit()) || !exists(files.claim());  // settled meanwhile: moved away
}

int become_command(const Guest& guest) {
    std::vector<std::string> env = environment_of(guest.claim, guest.node);
    if (!guest.term.empty()) env.push_back("TERM=" + guest.term);
    for (const std::string& assignment : env) {
        if (assignment.starts_with("PATH=")) ::setenv("PATH", assignment.c_str() + 5, 1);
    }
    unblock_signals();
    ::execvpe(guest.argv[0], guest.argv, pointers_to(env).data());
    const int error = errno;
    say(std::string(guest.argv[0]) + ": " + std::strerror(error));
    return error == ENOENT ? guest_not_found : guest_failed + 1;
}

// In the new process.
int enter(const Guest& guest, const Cgroup& cgroup, int directory, pid_t over) {
    ::setsid();
    if (!guest.term.empty()) {
        if (guest.claim.uid >= 0) {
            (void)!::fchown(0, static_cast<uid_t>(guest.claim.uid), static_cast<gid_t>(-1));
        }
        ::ioctl(0, TIOCSCTTY, 0);
    }
    if (guest.is_command) {
        cgroup.join();
        limit_resources(guest.claim, cgroup);
    }
    if (!become_user(guest.claim)) return say("cannot become the job's user");
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // after the change of user, which would clear it
    if (::getppid() != over) return guest_failed;
    ::umask(022);
    if (::fchdir(directory) != 0) return say("cannot enter the run directory");
    if (guest.is_command) return become_command(guest);
    ::signal(SIGPIPE, SIG_DFL);
    unblock_signals();
    return serve_files(directory, STDIN_FILENO, STDOUT_FILENO);
}

// All that the command has left: those without a parent are ours by now.
void kill_all() {
    for (int i = 0; i < kill_sweeps; ++i) {
        while (::waitpid(-1, nullptr, WNOHANG) > 0) continue;
        const auto left = descendants(::getpid());
        if (left.empty()) return;
        for (const pid_t pid : left) ::kill(pid, SIGKILL);
        ::nanosleep(&kill_pause, nullptr);
    }
}

int code_of(int status) {
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int stand_over(const Guest& guest, pid_t command, pid_t agent) {
    sigset_t awaited;
    ::sigemptyset(&awaited);
    ::sigaddset(&awaited, SIGCHLD);
    ::sigaddset(&awaited, SIGTERM);
    bool told_to_end = false;
    while (true) {
        int status = 0;
        for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
            if (pid != command) continue;
            kill_all();
            return code_of(status);
        }
        const bool is_over = told_to_end || (guest.is_command && has_ended(guest.files));
        if (is_over || ::getppid() != agent) {
            kill_all();
            return 128 + SIGKILL;
        }
        told_to_end = ::sigtimedwait(&awaited, nullptr, &look_every) == SIGTERM;
    }
}

}  // namespace

int run_guest(int argc, char** argv) {
    const pid_t agent = ::getppid();
    if (argc < 4) return guest_failed;
    Guest guest{.files = {argv[0]}, .claim = {}, .node = std::atoll(argv[1]), .term = argv[3]};
    guest.is_command = std::string_view(argv[2]) == "exec";
    if (guest.term == "-") guest.term.clear();
    guest.argv = argv + 4;
    if (guest.is_command && argc < 5) return guest_failed;
    sigset_t all;
    ::sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, nullptr);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);

    auto claim = read_record<Claim>(guest.files.claim());
    if (!claim) return say("the attempt is no longer kept at this centre");
    guest.claim = std::move(*claim);
    // An ended attempt has moved, and its folder with it; a job with checkpoints keeps its own.
    const std::string run =
        exists(guest.files.run()) ? guest.files.run() : guest.claim.run_directory;
    const Fd directory(::open(run.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory) return say("the attempt has left no files");

    const Cgroup cgroup(guest.claim.token);
    const pid_t over = ::getpid();
    const pid_t command = guest.is_command ? fork_into(cgroup) : ::fork();
    if (command < 0) return say(std::string("fork: ") + std::strerror(errno));
    if (command == 0) ::_exit(enter(guest, cgroup, directory.get(), over));
    // The streams are the command's: they end when it closes them.
    const Fd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
    for (const int fd : {0, 1, 2}) ::dup2(nothing.get(), fd);
    return stand_over(guest, command, agent);
}

}  // namespace dayu::engine
