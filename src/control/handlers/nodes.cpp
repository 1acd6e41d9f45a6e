// What an operator says of one node of a centre: no new attempts there, or again.
#include <algorithm>
#include <charconv>

#include <fmt/core.h>

#include "control/handlers/handlers.h"

namespace dayu::control {
namespace {

constexpr std::size_t max_pools_named = 8;

Error node_unknown(const Center& center, const std::string& node) {
    std::string pools;
    for (std::size_t i = 0; i < std::min(center.pools.size(), max_pools_named); ++i) {
        const Pool& pool = center.pools[i];
        pools += fmt::format("{}{}/0 to {}/{}", i == 0 ? "" : ", ", pool.name, pool.name,
                             pool.nodes - 1);
    }
    return not_found(
        "center_node_unknown",
        fmt::format("centre \"{}\" has no node \"{}\"; it has {}", center.name, node, pools));
}

std::optional<std::int64_t> number_in(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole && number >= 0 ? std::optional(number) : std::nullopt;
}

// A node that is there, or that State has something to say of though its pool is gone.
Result<NodeKey> find_node(const State& state, const std::string& center, const std::string& node) {
    const auto id = find_center(state, center);
    if (!id) return no_such_center(state, center);
    const Center& declared = state.centers.at(*id).center;
    const std::size_t slash = node.rfind('/');
    const bool names_pool = slash != std::string::npos;
    const auto number = number_in(names_pool ? node.substr(slash + 1) : node);
    if (!number || (!names_pool && declared.pools.size() != 1)) return node_unknown(declared, node);
    NodeKey key{.center = *id,
                .pool = names_pool ? node.substr(0, slash) : declared.pools.front().name,
                .node = *number};
    const auto pool = std::ranges::find(declared.pools, key.pool, &Pool::name);
    const bool is_there = pool != declared.pools.end() && key.node < pool->nodes;
    if (!is_there && !state.nodes.contains(key)) return node_unknown(declared, node);
    return key;
}

}  // namespace

Result<Events> exclude_node(const State& state, const ExcludeNode& command) {
    const NodeKey key = TRY(find_node(state, command.center, command.node));
    const NodeRow* row = state.nodes.find(key);
    if (row != nullptr && row->excluded && row->reason == command.reason) return Events{};
    return Events{NodeExcluded{.center = key.center,
                               .pool = key.pool,
                               .node = key.node,
                               .reason = command.reason,
                               .attempts = {}}};
}

Result<Events> include_node(const State& state, const IncludeNode& command) {
    const NodeKey key = TRY(find_node(state, command.center, command.node));
    if (!is_excluded(state, key)) return Events{};
    return Events{NodeIncluded{
        .center = key.center, .pool = key.pool, .node = key.node, .reason = command.reason}};
}

}  // namespace dayu::control
