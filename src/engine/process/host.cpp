#include "engine/process/host.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace dayu::engine {
namespace {

constexpr const char* default_users[] = {"dayu-job", "nobody"};
constexpr int most_groups = 64;

JobUser describe_user(const passwd& entry) {
    JobUser user{.uid = entry.pw_uid, .gid = entry.pw_gid, .groups = {}, .name = entry.pw_name};
    std::array<gid_t, most_groups> groups{};
    int count = most_groups;
    if (::getgrouplist(entry.pw_name, entry.pw_gid, groups.data(), &count) < 0) count = 0;
    user.groups.assign(groups.begin(), groups.begin() + count);
    return user;
}

// In a child that has become the user.
int enter_as(const JobUser& user, const std::vector<gid_t>& groups, const char* directory) {
    if (::setgroups(groups.size(), groups.data()) != 0 ||
        ::setresgid(static_cast<gid_t>(user.gid), static_cast<gid_t>(user.gid),
                    static_cast<gid_t>(user.gid)) != 0 ||
        ::setresuid(static_cast<uid_t>(user.uid), static_cast<uid_t>(user.uid),
                    static_cast<uid_t>(user.uid)) != 0) {
        return 2;
    }
    return ::access(directory, X_OK) == 0 ? 0 : 1;
}

void describe_limits(const CgroupSupport& cgroups, EngineFacts& facts) {
    const std::string by = "cgroup v" + std::to_string(cgroups.version);
    const std::string why =
        cgroups.problem.empty() ? "the host does not delegate it" : cgroups.problem;
    const auto say = [&](bool has, const std::string& what, const std::string& otherwise) {
        if (has) {
            facts.enforces.push_back(what + ": " + by);
        } else {
            facts.lacks.push_back(what + ": " + otherwise + " (" + why + ")");
        }
    };
    say(cgroups.memory, "memory", "limited for each process by rlimit, not for the job as a whole");
    say(cgroups.cpu, "cpu", "not limited");
    say(cgroups.pids, "number of processes", "not limited");
    say(cgroups.use, "exact use", "CPU time and memory are sampled once a second");
}

}  // namespace

Result<JobUser> find_job_user(const std::string& run_as) {
    if (::geteuid() != 0) {
        const passwd* self = ::getpwuid(::geteuid());
        const std::string name = self != nullptr ? self->pw_name : std::to_string(::geteuid());
        if (run_as.empty() || run_as == name) return JobUser{.groups = {}, .name = name};
        return invalid("run_as_needs_root", "run_as: the agent runs as " + name +
                                                " and cannot become \"" + run_as +
                                                "\"; start it as root or leave run_as out");
    }
    if (!run_as.empty()) {
        const passwd* entry = ::getpwnam(run_as.c_str());
        if (entry == nullptr) {
            return invalid("run_as_unknown", "run_as: this machine has no user \"" + run_as + "\"");
        }
        if (entry->pw_uid == 0) {
            return invalid("run_as_root", "run_as: jobs never run as root; name an ordinary user");
        }
        return describe_user(*entry);
    }
    for (const char* name : default_users) {
        const passwd* entry = ::getpwnam(name);
        if (entry != nullptr && entry->pw_uid != 0) return describe_user(*entry);
    }
    return invalid("run_as_missing",
                   "run_as: this machine has neither dayu-job nor nobody; name an ordinary user");
}

std::string why_unreachable(const JobUser& user, const std::string& directory) {
    if (user.uid < 0) return "";
    const std::vector<gid_t> groups(user.groups.begin(), user.groups.end());
    const pid_t child = ::fork();
    if (child == 0) ::_exit(enter_as(user, groups, directory.c_str()));
    int status = 0;
    while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    if (child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0) return "";
    if (child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 2) {
        return "the agent is root without the right to become " + user.name;
    }
    return "user " + user.name + " cannot enter " + directory +
           ": a folder above it is closed to others; choose another work_root";
}

EngineFacts describe_host(const JobUser& user, const CgroupSupport& cgroups,
                          const std::string& unreachable) {
    EngineFacts facts{.kind = "process", .fences_itself = true, .enforces = {}, .lacks = {}};
    facts.enforces = {"time limit: shim", "contact: shim (move_after)"};
    if (user.uid < 0) {
        facts.lacks.push_back("user: jobs run as " + user.name +
                              ", like the agent, which is not root");
    } else {
        facts.enforces.push_back("user: " + user.name);
    }
    if (!unreachable.empty()) facts.lacks.push_back("user: no job can start here: " + unreachable);
    describe_limits(cgroups, facts);
    facts.lacks.push_back("files: all jobs run as one user and can reach one another's files");
    facts.lacks.push_back("chips: counted, not isolated; a job sees every device of the host");
    return facts;
}

}  // namespace dayu::engine
