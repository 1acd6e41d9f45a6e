#include "runtime/health.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/core.h>

#include "control/nodes.h"
#include "runtime/core.h"

namespace dayu::runtime {
namespace {

constexpr std::size_t max_failed_starts = 1000;  // that are remembered of a centre
constexpr std::size_t max_disks = 16;            // of an agent, whatever it says
constexpr std::size_t max_text_bytes = 4096;
// No machine has more of anything, and ten thousand times as much still fits into 64 bits.
constexpr std::int64_t max_figure = 100'000'000'000'000;

constexpr std::int64_t full_disk_percent = 90;
constexpr std::int64_t few_files_percent = 5;
constexpr std::int64_t full_memory_percent = 95;
constexpr Duration tolerated_clock = seconds(5);
constexpr std::int64_t load_per_cpu = 4;
constexpr std::int64_t many_failed_starts = 3;

using Words = std::vector<std::string>;

void bound(std::int64_t& figure) { figure = std::clamp(figure, -max_figure, max_figure); }

void bound(std::optional<std::int64_t>& figure) {
    if (figure) bound(*figure);
}

void warn_of_contact(const CenterSight& sight, Words& words) {
    const control::CenterRow& row = sight.row;
    if (row.installation.empty()) {
        words.push_back("no agent holds its lease");
    } else if (row.contact_lost) {
        words.push_back(fmt::format("nothing was heard of agent {} for {} s", row.agent,
                                    sight.silent.value_or(Duration{}).ms / 1000));
    }
}

void warn_of_disk(const DiskHealth& disk, Words& words) {
    const std::int64_t used = disk.total_mib - disk.free_mib;
    if (disk.total_mib > 0 && used * 100 >= disk.total_mib * full_disk_percent) {
        words.push_back(fmt::format("disk {} % full on {}, {:.1f} GiB left",
                                    used * 100 / disk.total_mib, disk.path,
                                    static_cast<double>(disk.free_mib) / 1024));
    }
    if (disk.total_files > 0 && disk.free_files * 100 < disk.total_files * few_files_percent) {
        words.push_back(fmt::format("{} can hold only {} files more", disk.path, disk.free_files));
    }
}

void warn_of_agent(const AgentHealth& told, std::string_view server_version, Words& words) {
    for (const DiskHealth& disk : told.disks) warn_of_disk(disk, words);
    if (const std::int64_t ahead = told.clock_ahead_ms.value_or(0);
        std::abs(ahead) > tolerated_clock.ms) {
        words.push_back(fmt::format("clock {} s {} the server's", std::abs(ahead) / 1000,
                                    ahead > 0 ? "ahead of" : "behind"));
    }
    if (told.memory_mib && told.free_memory_mib && *told.memory_mib > 0) {
        const std::int64_t used = (*told.memory_mib - *told.free_memory_mib) * 100;
        if (used >= *told.memory_mib * full_memory_percent)
            words.push_back(fmt::format("memory {} % in use", used / *told.memory_mib));
    }
    if (told.load_milli && told.cpus > 0 && *told.load_milli > told.cpus * load_per_cpu * 1000)
        words.push_back(fmt::format("load {} on {} CPUs", *told.load_milli / 1000, told.cpus));
    if (!told.version.empty() && told.version != server_version) {
        words.push_back(
            fmt::format("its agent is version {}, the server {}", told.version, server_version));
    }
}

void warn_of_nodes(const CenterSight& sight, Words& words) {
    for (const auto& [key, row] : sight.nodes) {
        const std::string name = fmt::format("{}/{}", key.pool, key.node);
        if (row.excluded) {
            words.push_back(fmt::format("node {} is excluded: {}", name, row.reason));
            continue;
        }
        if (sight.failures_borne == 0 || row.failed < sight.failures_borne) continue;
        const auto& pools = sight.row.center.pools;
        const auto pool = std::ranges::find(pools, key.pool, &Pool::name);
        if (pool == pools.end()) continue;
        const auto excluded = std::ranges::count_if(sight.nodes, [&](const auto& other) {
            return other.first.pool == key.pool && other.second.excluded;
        });
        const std::int64_t most = control::most_excluded(*pool);
        words.push_back(fmt::format(
            "{} attempts in a row failed on node {}{}", row.failed, name,
            excluded < most ? ""
                            : fmt::format("; it is not excluded by itself, as at most {} of the "
                                          "pool's {} nodes are",
                                          most, pool->nodes)));
    }
}

}  // namespace

void Health::hear(CenterId center, const std::optional<AgentHealth>& told) {
    if (!told) {
        told_.erase(center);
        return;
    }
    AgentHealth& kept = told_[center] = *told;
    for (auto* figure : {&kept.clock_ahead_ms, &kept.round_trip_ms, &kept.load_milli,
                         &kept.memory_mib, &kept.free_memory_mib})
        bound(*figure);
    bound(kept.cpus);
    if (kept.disks.size() > max_disks) kept.disks.resize(max_disks);
    if (kept.version.size() > max_text_bytes) kept.version.resize(max_text_bytes);
    for (DiskHealth& disk : kept.disks) {
        if (disk.path.size() > max_text_bytes) disk.path.resize(max_text_bytes);
        for (auto* figure : {&disk.total_mib, &disk.free_mib, &disk.total_files, &disk.free_files})
            bound(*figure);
    }
}

void Health::count_failed_start(CenterId center, Instant now) {
    std::deque<Instant>& times = failed_starts_[center];
    times.push_back(now);
    if (times.size() > max_failed_starts) times.pop_front();
}

const AgentHealth* Health::told_of(CenterId center) const {
    const auto found = told_.find(center);
    return found == told_.end() ? nullptr : &found->second;
}

std::int64_t Health::failed_starts(CenterId center, Instant now) const {
    const auto found = failed_starts_.find(center);
    if (found == failed_starts_.end()) return 0;
    return std::ranges::count_if(found->second,
                                 [&](Instant at) { return now - at <= failed_starts_window; });
}

CenterSight see_center(const Core& core, CenterId center) {
    const Instant now = core.clock().instant();
    CenterSight sight{.row = core.state().centers.at(center),
                      .silent = {},
                      .told = {},
                      .failed_starts = core.health().failed_starts(center, now),
                      .nodes = {},
                      .failures_borne = core.options().node_rule.failures};
    if (const auto heard = core.heard().find(center);
        heard != core.heard().end() && !sight.row.installation.empty()) {
        sight.silent = now - heard->second;
    }
    if (const AgentHealth* told = core.health().told_of(center)) sight.told = *told;
    const auto& nodes = core.state().nodes.rows();
    for (auto at = nodes.lower_bound({.center = center, .pool = {}, .node = 0});
         at != nodes.end() && at->first.center == center; ++at) {
        sight.nodes.emplace_back(at->first, at->second);
    }
    return sight;
}

std::vector<std::string> warnings_of(const CenterSight& sight, std::string_view server_version) {
    Words words;
    warn_of_contact(sight, words);
    if (sight.told) warn_of_agent(*sight.told, server_version, words);
    if (sight.failed_starts >= many_failed_starts)
        words.push_back(fmt::format("{} starts failed in the last hour", sight.failed_starts));
    warn_of_nodes(sight, words);
    return words;
}

}  // namespace dayu::runtime
