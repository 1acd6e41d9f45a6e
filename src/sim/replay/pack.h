// Experiment A: requests arrive one at a time at a fleet and are packed, or lost when they fit nowhere. None is tried again.
// What is measured is how much of the fleet is allocated, by how much has been asked for.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "sched/fleet.h"
#include "sched/packing.h"
#include "sim/random.h"

namespace dayu::sim {

struct PackArrival {
    static constexpr double never = std::numeric_limits<double>::infinity();
    sched::PackRequest request;
    double at_s = 0;
    double until_s = never;  // it leaves then
};

// A kind of pod of a list, to draw arrivals from.
struct PackPod {
    sched::PackRequest request;
    double stays_s = 0;
};

// The pods of a list in a drawn order, made longer or shorter until they ask for `demand_milli`: pods are drawn again from
// the list, or drawn out of the order. None leaves.
std::vector<PackArrival> arrivals_that_stay(std::span<const PackPod> pods,
                                            std::int64_t demand_milli, Random& random);

// Pods drawn from the list, evenly over an hour, so many that those present at its end ask for `demand_milli` on the average.
// Each stays as long as the list says.
std::vector<PackArrival> arrivals_that_leave(std::span<const PackPod> pods,
                                             std::int64_t demand_milli, Random& random);

// What could be allocated at the most of what has arrived when all chips have been asked for, in percent of them
// (sched/packing_bound.h). For arrivals that stay.
Result<double> bound_of_allocation_pct(std::span<const sched::FleetNode> nodes,
                                       std::span<const PackArrival> arrivals);

struct PackSetup {
    std::vector<sched::FleetNode> nodes;  // of equally good ones the first is taken
    std::vector<PackArrival> arrivals;    // in their order
    sched::Popularity popularity;         // by which fragmentation is measured
    std::optional<sched::Popularity>
        told;  // to the policy; otherwise it learns from what has arrived
};

// By the demand in whole percent of the fleet: at [x] the mean over the arrivals that made it x. A percent at which nothing
// arrived has the value before it.
struct PackCurves {
    std::vector<double> allocation_pct;  // of all chips
    std::vector<double>
        frag_ratio_pct;  // of the idle ones, how much is fragmented (sched's Fragmentation)
    std::int64_t packed = 0;
    std::int64_t lost = 0;
};

PackCurves replay_pack(const PackSetup& setup, sched::PackingPolicy& policy);

}  // namespace dayu::sim
