#include "engine/process/spawn.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "base/log.h"
#include "engine/process/files.h"
#include "engine/process/processes.h"
#include "engine/process/secrets.h"

namespace dayu::engine {
namespace {

constexpr int handshake_ms = 10'000;
constexpr int handshake_fd = 3;  // of the shim

// Nothing of the agent reaches the shim: no file, no variable, no signal that it handles.
int spawn(const std::string& shim, const std::string& directory, int writer, int secrets,
          pid_t& pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawn_file_actions_adddup2(&actions, writer, handshake_fd);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0);
    ::posix_spawn_file_actions_adddup2(&actions, 0, 1);
    ::posix_spawn_file_actions_adddup2(&actions, 0, 2);
    if (secrets >= 0) ::posix_spawn_file_actions_adddup2(&actions, secrets, secrets_fd);
    const int first_unused = secrets >= 0 ? secrets_fd + 1 : handshake_fd + 1;
    ::posix_spawn_file_actions_addclosefrom_np(&actions, first_unused);
    sigset_t all;
    ::sigfillset(&all);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setsigmask(&attributes, &all);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    char* const arguments[] = {const_cast<char*>("dayu-shim"), const_cast<char*>(directory.c_str()),
                               secrets >= 0 ? const_cast<char*>("secrets") : nullptr, nullptr};
    char* const environment[] = {nullptr};
    const int error =
        ::posix_spawn(&pid, shim.c_str(), &actions, &attributes, arguments, environment);
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    return error;
}

std::string read_answer(int reader) {
    std::string answer;
    pollfd waiting{.fd = reader, .events = POLLIN, .revents = 0};
    char buffer[64];
    while (answer.find('\n') == std::string::npos) {
        const int ready = ::poll(&waiting, 1, handshake_ms);
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) return "no answer";
        const ssize_t count = ::read(reader, buffer, sizeof buffer);
        if (count <= 0) return answer.empty() ? "died" : answer;
        answer.append(buffer, static_cast<std::size_t>(count));
    }
    return answer.substr(0, answer.find('\n'));
}

}  // namespace

Result<void> spawn_shim(const std::string& shim, const AttemptFiles& files,
                        const std::vector<std::string>& secrets) {
    Fd kept_secrets;
    if (!secrets.empty()) kept_secrets = TRY(keep_secrets(secrets));
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return error_from_errno("shim_failed", "make a pipe", errno);
    const Fd reader(ends[0]);
    pid_t pid = 0;
    {
        const Fd writer(ends[1]);
        const int error = spawn(shim, files.directory, writer.get(), kept_secrets.get(), pid);
        if (error != 0) return error_from_errno("shim_failed", "start " + shim, error);
    }
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) continue;  // it has forked itself away
    const std::string answer = read_answer(reader.get());
    if (answer != "locked") log_warning("shim over {}: {}", files.directory, answer);
    return {};
}

void poke_shim(const AttemptFiles& files) {
    const auto shim = read_record<ShimIdentity>(files.lock());
    if (shim) signal_process(static_cast<pid_t>(shim->pid), shim->start_ticks, SIGUSR1);
}

}  // namespace dayu::engine
