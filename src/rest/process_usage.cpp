#include "rest/process_usage.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace dayu::rest {
namespace {

std::string read_text(const char* path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

// "btime 1700000000": when the machine started.
double boot_time() {
    std::istringstream lines(read_text("/proc/stat"));
    for (std::string word; lines >> word;) {
        double seconds = 0;
        if (word == "btime" && lines >> seconds) return seconds;
    }
    return 0;
}

// Fields of proc(5), /proc/PID/stat, from the third one on: the name before may hold anything.
void read_stat(ProcessUsage& usage) {
    const std::string text = read_text("/proc/self/stat");
    const std::size_t end_of_name = text.rfind(')');
    if (end_of_name == std::string::npos) return;
    std::istringstream fields(text.substr(end_of_name + 1));
    const auto tick = static_cast<double>(sysconf(_SC_CLK_TCK));
    const auto page_bytes = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    std::string word;
    for (int number = 3; fields >> word; ++number) {
        if (number == 14 || number == 15) usage.cpu_seconds += std::stod(word) / tick;
        if (number == 20) usage.threads = std::stoull(word);
        if (number == 22) usage.started = boot_time() + std::stod(word) / tick;
        if (number == 23) usage.virtual_bytes = std::stoull(word);
        if (number == 24) usage.resident_bytes = std::stoull(word) * page_bytes;
        if (number == 24) return;
    }
}

std::uint64_t count_open_files() {
    std::error_code ignored;
    std::uint64_t count = 0;
    for (std::filesystem::directory_iterator at("/proc/self/fd", ignored), end; at != end;
         at.increment(ignored)) {
        ++count;
    }
    return count;
}

}  // namespace

ProcessUsage process_usage() {
    ProcessUsage usage;
    read_stat(usage);
    usage.open_files = count_open_files();
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) usage.max_open_files = limit.rlim_cur;
    return usage;
}

}  // namespace dayu::rest
