#include "rest/center_health.h"

#include "rest/job_json.h"

namespace dayu::rest {
namespace {

using wire::Json;

template <class Number>
Json or_null(const std::optional<Number>& value) {
    return value ? Json(*value) : Json();
}

Json disk_json(const DiskHealth& disk) {
    return Json::Object{{"path", disk.path},
                        {"total_mib", disk.total_mib},
                        {"free_mib", disk.free_mib},
                        {"total_files", disk.total_files},
                        {"free_files", disk.free_files}};
}

}  // namespace

Json health_json(const runtime::CenterSight& sight, std::string_view server_version) {
    const AgentHealth told = sight.told.value_or(AgentHealth{});
    Json::Array disks;
    for (const DiskHealth& disk : told.disks) disks.push_back(disk_json(disk));
    return Json::Object{{"silent_s", sight.silent ? Json(sight.silent->ms / 1000) : Json()},
                        {"agent_version", told.version.empty() ? Json() : Json(told.version)},
                        {"clock_ahead_ms", or_null(told.clock_ahead_ms)},
                        {"round_trip_ms", or_null(told.round_trip_ms)},
                        {"load_1m", told.load_milli ? milli_json(*told.load_milli) : Json()},
                        {"cpus", told.cpus > 0 ? Json(told.cpus) : Json()},
                        {"memory_mib", or_null(told.memory_mib)},
                        {"free_memory_mib", or_null(told.free_memory_mib)},
                        {"disks", std::move(disks)},
                        {"failed_starts_1h", sight.failed_starts},
                        {"warnings", list_json(runtime::warnings_of(sight, server_version))}};
}

Json nodes_json(const runtime::CenterSight& sight) {
    Json::Array nodes;
    for (const auto& [key, row] : sight.nodes) {
        nodes.push_back(Json::Object{{"pool", key.pool},
                                     {"node", key.node},
                                     {"excluded", row.excluded},
                                     {"since", time_json(row.since)},
                                     {"reason", row.reason},
                                     {"failed_in_a_row", row.failed}});
    }
    return nodes;
}

}  // namespace dayu::rest
