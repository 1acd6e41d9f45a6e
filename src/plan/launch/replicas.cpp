#include <fmt/core.h>

#include "plan/launch.h"

namespace dayu::plan {
namespace {

constexpr std::string_view ray_port = "6379";
constexpr int first_port = 8000;

// Chips that the node's engine gave the job, or all of the job's by their numbers.
std::string devices_of_all(const ReplicaLayout& layout) {
    std::string all;
    for (std::int64_t chip = 0; chip < layout.chips_per_node; ++chip)
        all += fmt::format("{}{}", chip == 0 ? "" : ",", chip);
    return all;
}

// Each in a shell of its own, on its part of the node's chips. The first that ends takes the others with it: a service of fewer
// replicas than promised is no service, and the job may be tried again.
std::string side_by_side(const std::string& line, const ReplicaLayout& layout,
                         const std::string& devices) {
    const std::int64_t chips = layout.replica_chips;
    return fmt::format(
        "for n in $(seq 0 {last}); do ( export DAYU_REPLICA=$((DAYU_RANK * {count} + n)); "
        "export SERVE_PORT=$((${{SERVE_PORT:-{port}}} + n)); "
        "export {devices}=$(echo \"${{{devices}:-{all}}}\" | cut -d, -f $((n * {chips} + "
        "1))-$((n * {chips} + {chips}))); {line}; echo \"replica $DAYU_REPLICA ended with code "
        "$?\" >&2; kill $$ ) & done; wait",
        fmt::arg("last", layout.replicas_per_node - 1), fmt::arg("count", layout.replicas_per_node),
        fmt::arg("port", first_port), fmt::arg("devices", devices),
        fmt::arg("all", devices_of_all(layout)), fmt::arg("chips", chips), fmt::arg("line", line));
}

std::string alone(const std::string& line) {
    return fmt::format("export DAYU_REPLICA=$DAYU_RANK; export SERVE_PORT=${{SERVE_PORT:-{}}}; {}",
                       first_port, line);
}

// The nodes of a replica meet at its first one.
std::string over_nodes(const std::string& line, ServeLauncher launcher,
                       const ReplicaLayout& layout) {
    const std::int64_t nodes = layout.nodes_per_replica;
    std::string text = fmt::format(
        "export DAYU_REPLICA=$((DAYU_RANK / {nodes})); "
        "export DAYU_MASTER_ADDR=$(echo \"$DAYU_HOSTS\" | cut -d, -f $((DAYU_RANK - DAYU_RANK % "
        "{nodes} + 1))); export DAYU_RANK=$((DAYU_RANK % {nodes})); "
        "export SERVE_PORT=${{SERVE_PORT:-{port}}}; ",
        fmt::arg("nodes", nodes), fmt::arg("port", first_port));
    if (launcher == ServeLauncher::vllm) {
        text += fmt::format(
            "[ $DAYU_RANK = 0 ] || exec ray start --address=$DAYU_MASTER_ADDR:{port} --block; "
            "ray start --head --port={port}; ",
            fmt::arg("port", ray_port));
    }
    return text + line;
}

}  // namespace

std::optional<ReplicaLayout> layout_of(std::int64_t replicas, std::int64_t replica_chips,
                                       std::int64_t node_chips) {
    if (replicas < 1 || replica_chips < 1 || node_chips < 1) return {};
    if (replica_chips > node_chips) {
        if (replica_chips % node_chips != 0) return {};
        const std::int64_t span = replica_chips / node_chips;
        return ReplicaLayout{.replicas = replicas,
                             .replica_chips = replica_chips,
                             .nodes = replicas * span,
                             .chips_per_node = node_chips,
                             .replicas_per_node = 1,
                             .nodes_per_replica = span};
    }
    const std::int64_t room = node_chips / replica_chips;
    const std::int64_t nodes = (replicas + room - 1) / room;
    const std::int64_t beside = (replicas + nodes - 1) / nodes;
    return ReplicaLayout{.replicas = nodes * beside,
                         .replica_chips = replica_chips,
                         .nodes = nodes,
                         .chips_per_node = beside * replica_chips,
                         .replicas_per_node = beside,
                         .nodes_per_replica = 1};
}

Result<std::string> launch_replicas(const ServePlan& plan, const ServeLaunch& setting,
                                    const ReplicaLayout& layout, const std::string& devices) {
    const bool has_neighbours = layout.replicas_per_node > 1;
    if (has_neighbours && setting.launcher == ServeLauncher::mindie) {
        return invalid("plan_launch_impossible",
                       "MindIE reads its port and chips from config.json, and several replicas on "
                       "a node would need one each");
    }
    Launch one = TRY(launch_serving(plan, setting));
    if (setting.launcher != ServeLauncher::mindie)
        one.command.insert(one.command.end() - 1, {"--port", "$SERVE_PORT"});
    const std::string line = shell_line(one);
    if (has_neighbours) return side_by_side(line, layout, devices);
    return layout.nodes_per_replica == 1 ? alone(line) : over_nodes(line, setting.launcher, layout);
}

}  // namespace dayu::plan
