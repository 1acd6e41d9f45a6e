#include "engine/process/place.h"

#include <grp.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/process/files.h"

namespace dayu::engine {

pid_t fork_into(const Cgroup& cgroup) {
    const Fd group(cgroup.open_for_clone());
    if (group) {
        clone_args arguments{};
        arguments.flags = CLONE_INTO_CGROUP;
        arguments.exit_signal = SIGCHLD;
        arguments.cgroup = static_cast<std::uint64_t>(group.get());
        const long pid = ::syscall(SYS_clone3, &arguments, sizeof arguments);
        if (pid >= 0) return static_cast<pid_t>(pid);
    }
    return ::fork();
}

std::vector<std::string> environment_of(const Claim& claim, std::int64_t rank) {
    std::vector<std::string> env = claim.env;
    const std::string number = std::to_string(rank);
    env.push_back("DAYU_RANK=" + number);
    if (claim.ranks == 1) return env;
    // One process a node is begun here: a launcher on each node (torchrun) begins the others itself.
    env.push_back("RANK=" + number);
    env.push_back("NODE_RANK=" + number);
    env.push_back("LOCAL_RANK=0");
    env.push_back("LOCAL_WORLD_SIZE=1");
    return env;
}

bool become_user(const Claim& claim) {
    if (claim.uid < 0) return true;
    const std::vector<gid_t> groups(claim.groups.begin(), claim.groups.end());
    const auto gid = static_cast<gid_t>(claim.gid);
    const auto uid = static_cast<uid_t>(claim.uid);
    return ::setgroups(groups.size(), groups.data()) == 0 && ::setresgid(gid, gid, gid) == 0 &&
           ::setresuid(uid, uid, uid) == 0;
}

void limit_resources(const Claim& claim, const Cgroup& cgroup) {
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    if (!cgroup.limits_memory() && claim.memory_mib > 0) {
        const auto bytes = static_cast<rlim_t>(claim.memory_mib) << 20;
        const rlimit data{bytes, bytes};
        ::setrlimit(RLIMIT_DATA, &data);
    }
}

void unblock_signals() {
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
    pointers.push_back(nullptr);
    return pointers;
}

}  // namespace dayu::engine
