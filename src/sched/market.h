// Supply and demand as plain values: what is free in each pool, and what waits for it and at what cost. This is
// what the optimiser sees of a World (optimise.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/money.h"
#include "base/time.h"
#include "model/ids.h"
#include "model/job.h"

namespace dayu::sched {

// Capacity is counted in milli-chips, in a pool without chips in milli-CPUs.
struct MarketPool {
    CenterId center;
    std::string center_name;
    std::string pool;
    std::string chip;  // empty: CPUs
    Money list;        // of a chip-hour, by the centre's own list
    std::int64_t total_milli = 0;
    std::int64_t free_milli = 0;

    bool operator==(const MarketPool&) const = default;
};

// A pool that takes jobs of the class, now or at any time.
struct MarketOffer {
    std::size_t pool = 0;  // index in Market::pools
    VariantIndex variant{};
    std::int64_t wanted_milli = 0;  // of one job, over all of its nodes
    Money cost;                     // of one job: price, carbon and data, in its own weights
    Money wait_per_hour;            // what an hour of waiting costs one job more

    bool operator==(const MarketOffer&) const = default;
};

struct MarketClass {
    ShapeId shape;
    std::int64_t jobs = 0;  // that wait
    std::vector<MarketOffer> offers;

    bool operator==(const MarketClass&) const = default;
};

struct Market {
    Time at;
    std::vector<MarketPool> pools;
    std::vector<MarketClass> classes;

    bool operator==(const Market&) const = default;
};

// All that waits, each job at its cheapest, and what all pools earn by the hour at their list prices.
struct Backlog {
    Money waits;
    Money earns;
};
// How long a job that waits will have waited in the mean: half of the time in which all pools together could run all
// that waits. Unlike chips weigh by their list prices. An hour at least, and a week at most.
Duration mean_wait(const Backlog& backlog);
Duration expected_wait(const Market& market);

// Pools by centre and name, classes by shape, offers by pool and variant: equal markets are then the same value.
void put_in_order(Market& market);

}  // namespace dayu::sched
