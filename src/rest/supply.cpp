// GET /v1/centers, GET /v1/centers/{name}, GET /v1/pools, GET /v1/chips, GET /v1/chips/{name}.
#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/nearest.h"
#include "rest/answer.h"
#include "rest/center_health.h"
#include "rest/entity_tag.h"
#include "rest/job_json.h"
#include "rest/resources.h"
#include "wire/json_fields.h"

namespace dayu::rest {
namespace {

using wire::Json;

struct PoolLine {
    Pool pool;
    sched::NodeView free;  // of the nodes that are not excluded
    std::size_t excluded = 0;
    std::int64_t running = 0;
};

struct CenterLine {
    runtime::CenterSight sight;
    std::vector<PoolLine> pools;  // in the order of the declaration
};

PoolLine pool_line(const sched::World& world, CenterId center, const Pool& pool) {
    PoolLine line{.pool = pool, .free = {}};
    const auto view = world.centers().find(center);
    if (view == world.centers().end()) return line;
    const auto found = view->second.pools.find(pool.name);
    if (found == view->second.pools.end()) return line;
    line.free = found->second.free().total();
    line.excluded = found->second.free().closed().size();
    line.running = found->second.running();
    return line;
}

Json pool_json(const PoolLine& line) {
    const Pool& pool = line.pool;
    return Json::Object{{"name", pool.name},
                        {"chip", pool.chip},
                        {"nodes", pool.nodes},
                        {"chips_per_node", pool.chips_per_node},
                        {"cpus_per_node", pool.cpus_per_node},
                        {"memory_mib_per_node", pool.memory_mib_per_node},
                        {"price_per_chip_hour", to_string(pool.price_per_chip_hour)},
                        {"price_per_cpu_hour", to_string(pool.price_per_cpu_hour)},
                        {"chips_milli", pool.nodes * pool.chips_per_node * 1000},
                        {"free_chips_milli", line.free.free_chips_milli},
                        {"cpus", pool.nodes * pool.cpus_per_node},
                        {"free_cpus", line.free.free_cpus},
                        {"memory_mib", pool.nodes * pool.memory_mib_per_node},
                        {"free_memory_mib", line.free.free_memory_mib},
                        {"running", line.running},
                        {"excluded_nodes", line.excluded}};
}

std::string_view contact_of(const control::CenterRow& row) {
    if (row.installation.empty()) return "none";
    return row.contact_lost ? "lost" : "ok";
}

Json center_json(const CenterLine& line, std::string_view server_version) {
    const control::CenterRow& row = line.sight.row;
    const Center& center = row.center;
    Json::Array pools;
    for (const PoolLine& pool : line.pools) pools.push_back(pool_json(pool));
    return Json::Object{
        {"name", center.name},
        {"title", center.title},
        {"tier", to_string(center.tier)},
        {"region", center.region},
        {"security_level", center.security_level},
        {"contact", contact_of(row)},
        {"contact_changed", time_json(row.contact_changed)},
        {"drained", row.drained},
        {"drain_reason", row.drain_reason},
        {"agent", row.agent},
        {"engine", Json::Object{{"kind", center.engine.kind},
                                {"fences_itself", center.engine.fences_itself},
                                {"enforces", list_json(center.engine.enforces)},
                                {"lacks", list_json(center.engine.lacks)}}},
        {"energy", Json::Object{{"pue", milli_json(center.energy.pue_milli)},
                                {"grid_gco2e_per_kwh", milli_json(center.energy.grid_mg_per_kwh)},
                                {"source", center.energy.source}}},
        {"link", Json::Object{{"rtt_us", center.link.rtt_us},
                              {"mbit_per_s", center.link.mbit_per_s},
                              {"price_per_gib", to_string(center.link.price_per_gib)}}},
        {"pools", std::move(pools)},
        {"nodes", nodes_json(line.sight)},
        {"health", health_json(line.sight, server_version)}};
}

Json chip_json(const Chip& chip) {
    return Json::Object{{"name", chip.name},
                        {"vendor", chip.vendor},
                        {"aliases", list_json(chip.aliases)},
                        {"memory_mib", chip.memory_mib},
                        {"power_w", chip.power_w},
                        {"fp16_gflops", chip.fp16_gflops},
                        {"source", chip.source},
                        {"confidence", chip.confidence}};
}

std::vector<CenterLine> read_centers(Context& context) {
    std::vector<CenterLine> lines;
    context.loop.read_and_wait([&](const runtime::Core& core) {
        for (const auto& [id, row] : core.state().centers.rows()) {
            CenterLine& line =
                lines.emplace_back(CenterLine{.sight = runtime::see_center(core, id), .pools = {}});
            for (const Pool& pool : row.center.pools) {
                line.pools.push_back(pool_line(core.world(), id, pool));
            }
        }
    });
    return lines;
}

std::string no_such(std::string_view what, const std::string& name,
                    std::span<const std::string_view> known) {
    const std::string_view near = nearest(name, known);
    return "there is no " + std::string(what) + " \"" + name.substr(0, 64) + '"' +
           (near.empty() ? "" : "; did you mean \"" + std::string(near) + "\"?");
}

Result<const CenterLine*> find_center(std::span<const CenterLine> lines, const std::string& name) {
    std::vector<std::string_view> names;
    for (const CenterLine& line : lines) {
        if (line.sight.row.center.name == name) return &line;
        names.push_back(line.sight.row.center.name);
    }
    return not_found("center_unknown", no_such("centre", name, names));
}

std::vector<std::string_view> chip_names(const Known& known) {
    std::vector<std::string_view> names;
    for (const auto& [name, chip] : known.chips) names.push_back(name);
    return names;
}

// By names or aliases.
Result<std::vector<std::string>> chips_asked(const Known& known, const http::Request& request) {
    std::vector<std::string> chips;
    for (const std::string& name : TRY(query_list(request, "chip"))) {
        const Chip* chip = known.chip_names.find(name);
        if (chip == nullptr) return no_such_value("chip", name, "chip", chip_names(known));
        chips.push_back(chip->name);
    }
    return chips;
}

}  // namespace

Result<http::Response> list_centers(Context& context, const Call&) {
    Json::Array centers;
    for (const CenterLine& line : read_centers(context))
        centers.push_back(center_json(line, context.version));
    return answer(Json::Object{{"centers", std::move(centers)}});
}

Result<http::Response> describe_center(Context& context, const Call& call) {
    const std::string& name = call.request.param("name");
    Version version;
    context.loop.read_and_wait(
        [&](const runtime::Core& core) { version = version_of_center(core.state(), name); });
    const std::vector<CenterLine> lines = read_centers(context);
    const CenterLine& line = *TRY(find_center(lines, name));
    return tagged(call.request, answer(center_json(line, context.version)), version);
}

Result<http::Response> list_pools(Context& context, const Call& call) {
    const auto known = context.registry.known();
    TRY(centers_asked(*known, call.request));
    const auto centers = TRY(query_list(call.request, "center"));
    const auto chips = TRY(chips_asked(*known, call.request));
    const std::vector<CenterLine> lines = read_centers(context);
    Json::Array pools;
    for (const CenterLine& line : lines) {
        const std::string& center = line.sight.row.center.name;
        if (!centers.empty() && std::ranges::find(centers, center) == centers.end()) continue;
        for (const PoolLine& pool : line.pools) {
            if (!chips.empty() && std::ranges::find(chips, pool.pool.chip) == chips.end()) continue;
            Json json = pool_json(pool);
            json["center"] = center;
            json["contact"] = contact_of(line.sight.row);
            json["drained"] = line.sight.row.drained;
            pools.push_back(std::move(json));
        }
    }
    return answer(Json::Object{{"pools", std::move(pools)}});
}

Result<http::Response> list_chips(Context& context, const Call&) {
    const auto known = context.registry.known();
    Json::Array chips;
    for (const auto& [name, chip] : known->chips) chips.push_back(chip_json(chip));
    return answer(Json::Object{{"chips", std::move(chips)}});
}

Result<http::Response> describe_chip(Context& context, const Call& call) {
    const auto known = context.registry.known();
    const std::string& name = call.request.param("name");
    if (const Chip* chip = known->chip_names.find(name))
        return tagged(call.request, answer(chip_json(*chip)));
    return not_found("chip_unknown", no_such("chip", name, chip_names(*known)));
}

}  // namespace dayu::rest
