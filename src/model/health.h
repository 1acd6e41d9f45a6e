// How an agent and the machine that it runs on are. It is told with every sync and kept by the server in
// memory: load that was observed is no event. What an agent of an older version does not tell is absent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"

namespace dayu {

// A file system that the agent works in.
struct DiskHealth {
    std::string path;
    std::int64_t total_mib = 0;
    std::int64_t free_mib = 0;     // for jobs: what is kept for root is not counted
    std::int64_t total_files = 0;  // 0: it does not count them
    std::int64_t free_files = 0;

    bool operator==(const DiskHealth&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"path", &DiskHealth::path},
                          Field{"total_mib", &DiskHealth::total_mib},
                          Field{"free_mib", &DiskHealth::free_mib},
                          Field{"total_files", &DiskHealth::total_files},
                          Field{"free_files", &DiskHealth::free_files});
    }
};

struct AgentHealth {
    std::string version;  // of the program
    // Of the agent's clock, over the server's; measured in the round trip of the sync before, of which
    // `round_trip_ms` was on the way. None: not yet.
    std::optional<std::int64_t> clock_ahead_ms{};
    std::optional<std::int64_t> round_trip_ms{};
    std::optional<std::int64_t> load_milli{};  // over one minute, in thousandths
    std::int64_t cpus = 0;
    std::optional<std::int64_t> memory_mib{};
    std::optional<std::int64_t> free_memory_mib{};  // what could be had without swapping
    std::vector<DiskHealth> disks;

    bool operator==(const AgentHealth&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"version", &AgentHealth::version},
                          Field{"clock_ahead_ms", &AgentHealth::clock_ahead_ms},
                          Field{"round_trip_ms", &AgentHealth::round_trip_ms},
                          Field{"load_milli", &AgentHealth::load_milli},
                          Field{"cpus", &AgentHealth::cpus},
                          Field{"memory_mib", &AgentHealth::memory_mib},
                          Field{"free_memory_mib", &AgentHealth::free_memory_mib},
                          Field{"disks", &AgentHealth::disks});
    }
};

}  // namespace dayu
