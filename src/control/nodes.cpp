#include "control/nodes.h"

#include <algorithm>
#include <set>
#include <span>

#include <fmt/core.h>

namespace dayu::control {
namespace {

constexpr std::size_t least_witnesses = 2;

// Tasks of an array are one witness: they are alike, and so is what is wrong with them.
JobId witness_of(const NodeFailure& failure) {
    return failure.array.value != 0 ? failure.array : failure.attempt.job;
}

const Pool* find_pool(const State& state, const NodeKey& key) {
    const CenterRow* center = state.centers.find(key.center);
    if (center == nullptr) return nullptr;
    const auto pool = std::ranges::find(center->center.pools, key.pool, &Pool::name);
    return pool == center->center.pools.end() ? nullptr : &*pool;
}

std::int64_t count_excluded(const State& state, const NodeKey& of, const Pool& pool) {
    std::int64_t count = 0;
    const auto& rows = state.nodes.rows();
    for (auto at = rows.lower_bound({.center = of.center, .pool = of.pool, .node = 0});
         at != rows.end() && at->first.center == of.center && at->first.pool == of.pool; ++at) {
        if (at->second.excluded && at->first.node < pool.nodes) ++count;
    }
    return count;
}

NodeExcluded excluded_for(const NodeKey& key, std::span<const NodeFailure> failures) {
    NodeExcluded event{.center = key.center,
                       .pool = key.pool,
                       .node = key.node,
                       .reason = fmt::format("{} attempts in a row failed:", failures.size()),
                       .attempts = {}};
    for (const NodeFailure& failure : failures) {
        event.reason += fmt::format("{} {} of job {}", event.attempts.empty() ? "" : ",",
                                    to_string(failure.cause), failure.attempt.job.value);
        event.attempts.push_back(failure.attempt);
    }
    return event;
}

}  // namespace

bool blames_node(EndCause cause) {
    return cause == EndCause::start_failed || cause == EndCause::node_failed;
}

bool clears_node(EndCause cause) {
    return cause == EndCause::exited || cause == EndCause::time_limit || cause == EndCause::oom;
}

std::int64_t most_excluded(const Pool& pool) { return pool.nodes / 2; }

std::optional<NodeExcluded> exclusion_due(const State& state, const NodeKey& key,
                                          const NodeRule& rule, Time now) {
    const NodeRow* row = state.nodes.find(key);
    const Pool* pool = find_pool(state, key);
    if (row == nullptr || row->excluded || pool == nullptr || key.node >= pool->nodes ||
        rule.failures == 0) {
        return std::nullopt;
    }
    const auto wanted = static_cast<std::size_t>(std::min(rule.failures, max_node_failures));
    if (row->failures.size() < wanted) return std::nullopt;
    const auto latest = std::span(row->failures).last(wanted);
    std::set<JobId> witnesses;
    for (const NodeFailure& failure : latest) witnesses.insert(witness_of(failure));
    if (witnesses.size() < std::min(least_witnesses, wanted)) return std::nullopt;
    if (now - latest.front().at > rule.window) return std::nullopt;
    if (count_excluded(state, key, *pool) >= most_excluded(*pool)) return std::nullopt;
    return excluded_for(key, latest);
}

bool is_excluded(const State& state, const NodeKey& key) {
    const NodeRow* row = state.nodes.find(key);
    return row != nullptr && row->excluded;
}

}  // namespace dayu::control
