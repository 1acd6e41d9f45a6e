// Small worlds for the tests of this folder: centres, specs and queues in a line each.
#pragma once

#include <string>

#include "sched/policy.h"
#include "sched/world.h"

namespace dayu::sched::testing {

inline constexpr Time start_of_tests{1'800'000'000'000};
inline constexpr Duration hour = seconds(3600);

inline Money yuan_of(std::int64_t whole) { return {whole * micro_yuan_per_yuan}; }

inline Chip chip(std::string name, std::int64_t power_w = 400) {
    Chip one;
    one.name = std::move(name);
    one.power_w = power_w;
    return one;
}

struct PoolOptions {
    std::string name = "main";
    std::string chip = "A100";
    std::int64_t nodes = 1;
    std::int64_t chips_per_node = 8;
    std::int64_t cpus_per_node = 64;
    std::int64_t memory_mib_per_node = 524'288;
    std::int64_t yuan_per_chip_hour = 10;
};

inline Pool pool(const PoolOptions& options = {}) {
    Pool one;
    one.name = options.name;
    one.chip = options.chip;
    one.nodes = options.nodes;
    one.chips_per_node = options.chips_per_node;
    one.cpus_per_node = options.cpus_per_node;
    one.memory_mib_per_node = options.memory_mib_per_node;
    one.price_per_chip_hour = yuan_of(options.yuan_per_chip_hour);
    one.price_per_cpu_hour = yuan_of(1);
    return one;
}

inline Center center(std::string name, std::vector<Pool> pools = {pool()}) {
    Center one;
    one.name = std::move(name);
    one.region = "cn/test/" + one.name;
    one.security_level = 3;
    one.engine.kind = "process";
    one.pools = std::move(pools);
    return one;
}

struct SpecOptions {
    std::string chip = "A100";
    std::int64_t nodes = 1;
    std::int64_t chips = 8;
    std::int64_t hours = 1;
};

inline JobSpec spec(const SpecOptions& options = {}) {
    JobSpec one;
    one.nodes = options.nodes;
    one.resources.chip = options.chip;
    one.resources.chips_milli = options.chips * 1000;
    one.time_limit = seconds(options.hours * 3600);
    return one;
}

inline Refusal out_of_contact() {
    return {.code = "CenterUnreachable",
            .tier = Reason::waiting_for_capacity,
            .detail = "is out of contact"};
}

inline QueuedJob queued(std::uint64_t job, std::uint32_t shape) {
    return {.job = {job}, .shape = {shape}, .not_before = {}, .spent = {}};
}

// A job over whole nodes of the first pool.
inline RunningJob running(std::uint64_t job, std::uint32_t center, std::int64_t node, Time until,
                          std::int64_t chips = 8) {
    return {.job = {job},
            .center = {center},
            .pool = "main",
            .nodes = {{.node = node, .chips_milli = chips * 1000, .cpus = 1, .memory_mib = 1024}},
            .until = until};
}

inline const Policy& policy() { return *find_policy("least-cost"); }

}  // namespace dayu::sched::testing
