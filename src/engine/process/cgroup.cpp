#include "engine/process/cgroup.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <sstream>

#include "engine/process/files.h"

namespace dayu::engine {
namespace {

const std::string root = "/sys/fs/cgroup";
constexpr const char* ours = "/dayu";
constexpr const char* controllers_v1[] = {"memory", "pids", "cpu", "cpuacct", "freezer"};
constexpr std::int64_t cpu_period_us = 100'000;

bool put(const std::string& path, const std::string& value) {
    const Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    return file &&
           ::write(file.get(), value.data(), value.size()) == static_cast<ssize_t>(value.size());
}

// The number after `key` in a file of "key value" lines, or the file's only number when key is "".
std::optional<std::int64_t> get(const std::string& path, std::string_view key = "") {
    const Result<std::string> text = read_file(path);
    if (!text.ok()) return std::nullopt;
    std::istringstream words(text.value());
    std::int64_t value = 0;
    if (key.empty()) return words >> value ? std::optional(value) : std::nullopt;
    for (std::string name; words >> name >> value;) {
        if (name == key) return value;
    }
    return std::nullopt;
}

bool make_folder(const std::string& path) {
    return ::mkdir(path.c_str(), 0755) == 0 || errno == EEXIST;
}

bool is_unified() { return exists(root + "/cgroup.controllers"); }

bool has_word(const std::string& path, std::string_view wanted) {
    const Result<std::string> text = read_file(path);
    if (!text.ok()) return false;
    std::istringstream words(text.value());
    for (std::string word; words >> word;) {
        if (word == wanted) return true;
    }
    return false;
}

CgroupSupport survey_v2() {
    CgroupSupport support{.version = 2};
    const std::string parent = root + ours;
    if (!make_folder(parent) || ::access(parent.c_str(), W_OK) != 0) {
        return {.problem = "cannot write " + parent + ": " + std::strerror(errno)};
    }
    const auto grant = [&](const char* controller) {
        put(root + "/cgroup.subtree_control", std::string("+") + controller);
        put(parent + "/cgroup.subtree_control", std::string("+") + controller);
        return has_word(parent + "/cgroup.subtree_control", controller);
    };
    support.memory = grant("memory");
    support.pids = grant("pids");
    support.cpu = grant("cpu");
    support.use = true;  // cpu.stat is there without the controller
    support.kill = exists(parent + "/cgroup.kill");
    return support;
}

CgroupSupport survey_v1() {
    CgroupSupport support;
    bool* const granted[] = {&support.memory, &support.pids, &support.cpu, &support.use,
                             &support.kill};
    std::size_t i = 0;
    for (const char* controller : controllers_v1) {
        const std::string parent = root + "/" + controller + ours;
        *granted[i] = make_folder(parent) && ::access(parent.c_str(), W_OK) == 0;
        if (*granted[i]) support.version = 1;
        if (!*granted[i] && support.problem.empty()) {
            support.problem = "cannot write " + parent + ": " + std::strerror(errno);
        }
        ++i;
    }
    return support;
}

}  // namespace

CgroupSupport survey_cgroups() { return is_unified() ? survey_v2() : survey_v1(); }

Cgroup::Cgroup(const Token& token) : name_(token.text), unified_(is_unified()) {}

std::string Cgroup::folder(const char* controller) const {
    const std::string path =
        unified_ ? root + ours + "/" + name_ : root + "/" + controller + ours + "/" + name_;
    return exists(path) ? path : "";
}

void Cgroup::create(const CgroupLimits& limits) {
    const std::string memory_bytes = std::to_string(limits.memory_mib << 20);
    const std::string quota_us = std::to_string(limits.cpus * cpu_period_us);
    if (unified_) {
        const std::string path = root + ours + "/" + name_;
        make_folder(root + ours);
        if (!make_folder(path)) return;
        if (limits.memory_mib > 0) {
            limits_memory_ = put(path + "/memory.max", memory_bytes);
            put(path + "/memory.swap.max", "0");
        }
        if (limits.processes > 0) put(path + "/pids.max", std::to_string(limits.processes));
        if (limits.cpus > 0) put(path + "/cpu.max", quota_us + " " + std::to_string(cpu_period_us));
        return;
    }
    for (const char* controller : controllers_v1) {
        const std::string parent = root + "/" + controller + ours;
        make_folder(parent);
        make_folder(parent + "/" + name_);
    }
    if (const std::string path = folder("memory"); !path.empty() && limits.memory_mib > 0) {
        limits_memory_ = put(path + "/memory.limit_in_bytes", memory_bytes);
        put(path + "/memory.memsw.limit_in_bytes", memory_bytes);
    }
    if (const std::string path = folder("pids"); !path.empty() && limits.processes > 0) {
        put(path + "/pids.max", std::to_string(limits.processes));
    }
    if (const std::string path = folder("cpu"); !path.empty() && limits.cpus > 0) {
        put(path + "/cpu.cfs_quota_us", quota_us);
    }
}

int Cgroup::open_for_clone() const {
    const std::string path = unified_ ? folder("") : "";
    return path.empty() ? -1 : ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

void Cgroup::join() const {
    if (unified_) return;
    // Moving oneself by `tasks` takes no global lock; `cgroup.procs` waits 20 ms for one.
    for (const char* controller : controllers_v1) {
        if (const std::string path = folder(controller); !path.empty()) put(path + "/tasks", "0");
    }
}

std::vector<pid_t> Cgroup::processes() const {
    std::vector<pid_t> found;
    for (const char* controller : {"freezer", "memory", "pids", "cpuacct", "cpu"}) {
        const std::string path = folder(controller);
        if (path.empty()) continue;
        const Result<std::string> text = read_file(path + "/cgroup.procs");
        if (!text.ok()) continue;
        std::istringstream words(text.value());
        for (pid_t pid = 0; words >> pid;) {
            if (pid > 0) found.push_back(pid);
        }
        break;
    }
    return found;
}

void Cgroup::kill_all() const {
    if (unified_ && put(folder("") + "/cgroup.kill", "1")) return;
    const std::string freezer = unified_ ? "" : folder("freezer");
    if (!freezer.empty()) put(freezer + "/freezer.state", "FROZEN");
    for (const pid_t pid : processes()) ::kill(pid, SIGKILL);
    if (!freezer.empty()) put(freezer + "/freezer.state", "THAWED");
}

std::optional<std::int64_t> Cgroup::cpu_ms() const {
    if (unified_) {
        const auto used_us = get(folder("") + "/cpu.stat", "usage_usec");
        return used_us ? std::optional(*used_us / 1000) : std::nullopt;
    }
    const auto used_ns = get(folder("cpuacct") + "/cpuacct.usage");
    return used_ns ? std::optional(*used_ns / 1'000'000) : std::nullopt;
}

std::optional<std::int64_t> Cgroup::take_peak_memory_mib() const {
    const std::string file =
        unified_ ? folder("") + "/memory.peak" : folder("memory") + "/memory.max_usage_in_bytes";
    const auto peak_bytes = get(file);
    if (!peak_bytes) return std::nullopt;
    if (!unified_) put(file, "0");
    return (*peak_bytes + (1 << 20) - 1) >> 20;
}

std::int64_t Cgroup::oom_kills() const {
    const std::string file =
        unified_ ? folder("") + "/memory.events" : folder("memory") + "/memory.oom_control";
    return get(file, "oom_kill").value_or(0);
}

void Cgroup::remove() const {
    if (unified_) {
        if (const std::string path = folder(""); !path.empty()) ::rmdir(path.c_str());
        return;
    }
    for (const char* controller : controllers_v1) {
        if (const std::string path = folder(controller); !path.empty()) ::rmdir(path.c_str());
    }
}

}  // namespace dayu::engine
