#include "engine/process/processes.h"

#include <dirent.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <sstream>

#include "engine/process/files.h"

namespace dayu::engine {
namespace {

// Fields of /proc/PID/stat that follow the command's name, which may hold blanks and brackets.
enum StatField : std::size_t { utime = 11, stime, cutime, cstime, start_time = 19, rss_pages = 21 };

std::optional<std::array<std::int64_t, 22>> read_stat(pid_t pid) {
    const Result<std::string> text = read_file("/proc/" + std::to_string(pid) + "/stat");
    if (!text.ok()) return std::nullopt;
    const std::size_t name_end = text.value().rfind(')');
    if (name_end == std::string::npos) return std::nullopt;
    std::istringstream rest(text.value().substr(name_end + 1));
    std::array<std::int64_t, 22> fields{};
    std::string word;
    for (std::int64_t& field : fields) {
        rest >> word;
        field = std::atoll(word.c_str());  // the first is a letter, and not asked for
    }
    return fields;
}

void append_children(pid_t parent, std::vector<pid_t>& found) {
    const std::string tasks = "/proc/" + std::to_string(parent) + "/task";
    DIR* directory = ::opendir(tasks.c_str());
    if (directory == nullptr) return;
    while (const dirent* entry = ::readdir(directory)) {
        if (entry->d_name[0] == '.') continue;
        const Result<std::string> text = read_file(tasks + "/" + entry->d_name + "/children");
        if (!text.ok()) continue;
        std::istringstream words(text.value());
        for (pid_t pid = 0; words >> pid;) found.push_back(pid);
    }
    ::closedir(directory);
}

}  // namespace

std::string boot_id() {
    const Result<std::string> text = read_file("/proc/sys/kernel/random/boot_id");
    return text.ok() ? text.value().substr(0, text.value().find('\n')) : "";
}

std::int64_t start_ticks(pid_t pid) {
    const auto stat = read_stat(pid);
    return stat ? (*stat)[start_time] : 0;
}

std::vector<pid_t> descendants(pid_t ancestor) {
    std::vector<pid_t> found;
    append_children(ancestor, found);
    for (std::size_t i = 0; i < found.size(); ++i) append_children(found[i], found);
    return found;
}

std::vector<pid_t> processes_with_environment(const std::string& assignment) {
    std::vector<pid_t> found;
    DIR* directory = ::opendir("/proc");
    if (directory == nullptr) return found;
    const std::string wanted = '\0' + assignment + '\0';
    while (const dirent* entry = ::readdir(directory)) {
        const std::string_view name = entry->d_name;
        pid_t pid = 0;
        const auto [end, status] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (status != std::errc{} || end != name.data() + name.size()) continue;
        const Result<std::string> text = read_file("/proc/" + std::string(name) + "/environ");
        if (text.ok() && ('\0' + text.value()).find(wanted) != std::string::npos)
            found.push_back(pid);
    }
    ::closedir(directory);
    return found;
}

TreeUse use_of(const std::vector<pid_t>& processes) {
    static const std::int64_t ticks_per_second = ::sysconf(_SC_CLK_TCK);
    static const std::int64_t page_bytes = ::sysconf(_SC_PAGESIZE);
    std::int64_t ticks = 0;
    std::int64_t pages = 0;
    for (const pid_t pid : processes) {
        const auto stat = read_stat(pid);
        if (!stat) continue;
        ticks += (*stat)[utime] + (*stat)[stime] + (*stat)[cutime] + (*stat)[cstime];
        pages += (*stat)[rss_pages];
    }
    return {.cpu_ms = ticks * 1000 / ticks_per_second,
            .resident_mib = pages * page_bytes / (1 << 20)};
}

bool signal_process(pid_t pid, std::int64_t started_ticks, int signal) {
    const Fd handle(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!handle || start_ticks(pid) != started_ticks) return false;
    return ::syscall(SYS_pidfd_send_signal, handle.get(), signal, nullptr, 0) == 0;
}

}  // namespace dayu::engine
