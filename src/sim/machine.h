// A machine at a centre: its clock, its power and the room on its disk. What its engines have written
// survives a reboot; every process ends with it.
#pragma once

#include <cstdint>

#include "sim/virtual_clock.h"

namespace dayu::sim {

struct Machine {
    Machine(const Timeline& timeline, const ClockFaults& faults) : clock(timeline, faults) {}

    VirtualClock clock;
    std::uint64_t boot = 1;
    bool is_up = true;
    bool disk_full = false;
    std::int64_t trouble_per_mille = 0;  // of engine calls that fail
};

}  // namespace dayu::sim
