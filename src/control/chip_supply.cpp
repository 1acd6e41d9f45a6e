#include "control/chip_supply.h"

#include <algorithm>
#include <map>
#include <string>

#include "sched/decide.h"

namespace dayu::control {
namespace {

constexpr Duration moment = seconds(1);

// Whether the pool takes the job's work on one of its chips.
bool takes(const Center& center, const Pool& pool, const Chip* chip, const JobSpec& spec) {
    JobSpec one = spec_of(spec, {});
    one.nodes = 1;
    one.resources = {.chip = pool.chip, .chips_milli = 1000};
    one.time_limit = moment;
    return !sched::never_fits(center, pool, chip, one);
}

void add(const Pool& pool, ChipSupply& supply) {
    const bool is_first = supply.node_chips == 0;
    const std::int64_t cpus = pool.cpus_per_node / pool.chips_per_node;
    const std::int64_t memory_mib =
        std::max<std::int64_t>(pool.memory_mib_per_node / pool.chips_per_node, 1);
    supply.node_chips = std::max(supply.node_chips, pool.chips_per_node);
    supply.most_chips = std::max(supply.most_chips, pool.nodes * pool.chips_per_node);
    supply.cpus = is_first ? cpus : std::min(supply.cpus, cpus);
    supply.memory_mib = is_first ? memory_mib : std::min(supply.memory_mib, memory_mib);
}

}  // namespace

std::vector<ChipSupply> chip_supply(const State& state, const JobSpec& spec) {
    std::map<std::string, ChipSupply> kinds;
    for (const auto& [id, row] : state.centers.rows()) {
        for (const Pool& pool : row.center.pools) {
            if (pool.chip.empty() || pool.chips_per_node == 0 || pool.nodes == 0) continue;
            const Chip* const chip = find_chip(state, pool.chip);
            if (takes(row.center, pool, chip, spec)) add(pool, kinds[pool.chip]);
        }
    }
    std::vector<ChipSupply> supply;
    for (auto& [name, kind] : kinds) {
        kind.chip = name;
        kind.names = {name};
        if (const Chip* const chip = find_chip(state, name))
            kind.names.insert(kind.names.end(), chip->aliases.begin(), chip->aliases.end());
        supply.push_back(std::move(kind));
    }
    return supply;
}

}  // namespace dayu::control
