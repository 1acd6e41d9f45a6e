#include "engine/process/rank.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "engine/process/files.h"
#include "engine/process/place.h"

namespace dayu::engine {
namespace {

// What the new process writes to its shim when it cannot become the job.
struct Failure {
    const char* step;  // the same memory image: the pointer holds on both sides
    int error_number;
};

// Follows the path below the working folder, as the job's user, who may not be led anywhere else by a
// link that is not the job's own.
bool make_folders(const std::string& path) {
    for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
        if (::mkdir(path.substr(0, end).c_str(), 0755) != 0 && errno != EEXIST) return false;
        if (end == std::string::npos) return true;
    }
}

// In the new process. Returns the step that failed.
const char* become_job(const Claim& claim, const std::string& script, const Cgroup& cgroup,
                       int log_fd, std::int64_t rank, pid_t shim) {
    ::setsid();
    cgroup.join();
    limit_resources(claim, cgroup);
    const int null_fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null_fd < 0 || ::dup2(null_fd, 0) < 0 || ::dup2(log_fd, 1) < 0 || ::dup2(log_fd, 2) < 0) {
        return "open its log";
    }
    if (!become_user(claim)) return "become the job's user";
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // after the change of user, which would clear it
    if (::getppid() != shim) return "find its shim";
    ::umask(022);
    if (::chdir(claim.run_directory.c_str()) != 0) return "enter its run directory";
    if (!claim.checkpoint_path.empty() && !make_folders(claim.checkpoint_path)) {
        return "make its checkpoint folder";
    }
    const std::vector<std::string> env = environment_of(claim, rank);
    const std::vector<char*> pointers = pointers_to(env);
    unblock_signals();
    for (const char* shell : {"/bin/bash", "/bin/sh"}) {
        char* const arguments[] = {const_cast<char*>(shell), const_cast<char*>("-c"),
                                   const_cast<char*>(script.c_str()), nullptr};
        ::execve(shell, arguments, pointers.data());
        if (errno != ENOENT) break;
    }
    return errno == E2BIG ? "run its script and environment (together at most 128 KiB)"
                          : "run its script";
}

}  // namespace

Result<pid_t> start_rank(const Claim& claim, const std::string& script, const AttemptFiles& files,
                         const Cgroup& cgroup, std::int64_t rank) {
    const std::string log_path = files.log(rank);
    const Fd log(::open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    // The job's own, so that it may open /dev/stderr again.
    if (!log || (claim.uid >= 0 && ::fchown(log.get(), static_cast<uid_t>(claim.uid),
                                            static_cast<gid_t>(claim.gid)) != 0)) {
        return error_from_errno("start_failed", "open " + log_path, errno);
    }
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return error_from_errno("start_failed", "make a pipe", errno);
    const Fd reader(ends[0]);
    Fd writer(ends[1]);
    const pid_t shim = ::getpid();
    const pid_t pid = fork_into(cgroup);
    if (pid < 0) return error_from_errno("start_failed", "fork", errno);
    if (pid == 0) {
        Failure failure{become_job(claim, script, cgroup, log.get(), rank, shim), errno};
        (void)!::write(writer.get(), &failure, sizeof failure);
        ::_exit(127);
    }
    { const Fd closing = std::move(writer); }
    Failure failure{};
    if (::read(reader.get(), &failure, sizeof failure) != sizeof failure) return pid;  // it runs
    ::waitpid(pid, nullptr, 0);
    return error_from_errno("start_failed",
                            "rank " + std::to_string(rank) + " could not " + failure.step,
                            failure.error_number);
}

}  // namespace dayu::engine
