#include "agent/probe.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <optional>
#include <set>

namespace dayu::agent {
namespace {

constexpr std::size_t most_disks = 16;
constexpr std::int64_t kib_per_mib = 1024;

std::optional<DiskHealth> disk_of(const std::string& folder) {
    struct statvfs disk{};
    if (statvfs(folder.c_str(), &disk) != 0) return std::nullopt;
    const auto mib = [&](fsblkcnt_t blocks) {
        return static_cast<std::int64_t>(std::uint64_t{blocks} * disk.f_frsize >> 20);
    };
    // Blocks that only root may take count as used, as they are for jobs.
    const fsblkcnt_t kept_for_root = disk.f_bfree - disk.f_bavail;
    return DiskHealth{.path = folder,
                      .total_mib = mib(disk.f_blocks - kept_for_root),
                      .free_mib = mib(disk.f_bavail),
                      .total_files = static_cast<std::int64_t>(disk.f_files),
                      .free_files = static_cast<std::int64_t>(disk.f_favail)};
}

// One row a file system, however many folders lie in it.
std::vector<DiskHealth> disks_of(const std::vector<std::string>& folders) {
    std::vector<DiskHealth> disks;
    std::set<dev_t> seen;
    for (const std::string& folder : folders) {
        struct stat status{};
        if (stat(folder.c_str(), &status) != 0 || !seen.insert(status.st_dev).second) continue;
        if (auto disk = disk_of(folder)) disks.push_back(*std::move(disk));
        if (disks.size() == most_disks) break;
    }
    return disks;
}

// "MemAvailable:   123 kB"
std::optional<std::int64_t> memory_mib(const std::string& word) {
    std::ifstream file("/proc/meminfo");
    std::string name;
    for (std::int64_t kib = 0; file >> name >> kib; file.ignore(16, '\n')) {
        if (name == word) return kib / kib_per_mib;
    }
    return std::nullopt;
}

std::optional<std::int64_t> load_milli() {
    double load = 0;
    if (getloadavg(&load, 1) != 1) return std::nullopt;
    return static_cast<std::int64_t>(load * 1000);
}

}  // namespace

AgentHealth Probe::look() const {
    return {.version = version_,
            .clock_ahead_ms = clock_ahead_ms_,
            .round_trip_ms = round_trip_ms_,
            .load_milli = load_milli(),
            .cpus = sysconf(_SC_NPROCESSORS_ONLN),
            .memory_mib = memory_mib("MemTotal:"),
            .free_memory_mib = memory_mib("MemAvailable:"),
            .disks = disks_of(folders_)};
}

void Probe::compare_clocks(const SyncReply& reply, Duration took, Time now) {
    if (reply.received.ms == 0 || reply.sent < reply.received) return;  // an older server
    const Duration under_way = took - (reply.sent - reply.received);
    if (under_way.ms < 0) return;  // the server's clock was set meanwhile
    // As if both ways took the same time: wrong by half of the round trip at most.
    const Time then = reply.sent + Duration{under_way.ms / 2};
    clock_ahead_ms_ = (now - then).ms;
    round_trip_ms_ = under_way.ms;
}

}  // namespace dayu::agent
