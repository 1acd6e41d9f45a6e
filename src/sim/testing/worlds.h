// Worlds of one pool, for replays that are small enough to be checked by hand.
#pragma once

#include "sim/run.h"

namespace dayu::sim::testing {

// A centre "here" with this pool of that chip. The time limits of jobs are their durations.
inline WorldFile world_of(const Chip& chip, Pool pool, EnergyProfile energy = {}) {
    WorldFile world;
    world.chips = {chip};
    pool.name = "main";
    pool.chip = chip.name;
    Center center;
    center.name = "here";
    center.region = "cn/test/here";
    center.energy = energy;
    center.engine.kind = "process";
    center.pools = {std::move(pool)};
    world.centers = {center};
    world.jobs.chip = chip.name;
    world.jobs.time_limit_factor_milli = 1000;
    world.jobs.time_limits = {seconds(1)};
    return world;
}

}  // namespace dayu::sim::testing
