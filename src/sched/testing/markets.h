// Small markets for the tests of the optimiser: pools and classes in a line each.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include "sched/market.h"
#include "sched/testing/worlds.h"

namespace dayu::sched::testing {

inline MarketPool market_pool(std::uint32_t center, std::int64_t total_chips,
                              std::int64_t free_chips) {
    return {.center = {center},
            .center_name = "c" + std::to_string(center),
            .pool = "main",
            .chip = "A100",
            .list = yuan_of(10),
            .total_milli = total_chips * 1000,
            .free_milli = free_chips * 1000};
}

struct ClassOptions {
    std::uint32_t shape = 1;
    std::int64_t jobs = 1;
    std::int64_t chips = 8;
    std::int64_t wait_yuan_per_chip_hour = 1;
};

// With the pools that take it, by their index, and what a job costs there in yuan.
inline MarketClass market_class(const ClassOptions& options,
                                std::initializer_list<std::pair<std::size_t, std::int64_t>> costs) {
    MarketClass one{.shape = {options.shape}, .jobs = options.jobs, .offers = {}};
    for (const auto& [pool, yuan] : costs) {
        one.offers.push_back(
            {.pool = pool,
             .wanted_milli = options.chips * 1000,
             .cost = yuan_of(yuan),
             .wait_per_hour = yuan_of(options.chips * options.wait_yuan_per_chip_hour)});
    }
    return one;
}

}  // namespace dayu::sched::testing
