// A compute centre as it declares itself: where it stands, what it may hold, what its energy is like,
// and its pools of equal nodes with their prices.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/money.h"
#include "model/ids.h"

namespace dayu {

enum class Tier : std::uint8_t { national, regional, city, district, industry };
constexpr auto enum_names(Type<Tier>) {
    return std::array<std::string_view, 5>{"national", "regional", "city", "district", "industry"};
}

// Nodes of one kind. Prices are of the centre's own list; a chip's price includes its host.
struct Pool {
    std::string name;
    std::string chip;  // canonical name of the registry; empty: CPU only
    std::int64_t nodes = 0;
    std::int64_t chips_per_node = 0;
    std::int64_t cpus_per_node = 0;
    std::int64_t memory_mib_per_node = 0;
    Money price_per_chip_hour;
    Money price_per_cpu_hour;        // what a job without chips pays
    std::int64_t watts_per_cpu = 0;  // share of the host's power under load

    bool operator==(const Pool&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"name", &Pool::name}, Field{"chip", &Pool::chip},
                          Field{"nodes", &Pool::nodes},
                          Field{"chips_per_node", &Pool::chips_per_node},
                          Field{"cpus_per_node", &Pool::cpus_per_node},
                          Field{"memory_mib_per_node", &Pool::memory_mib_per_node},
                          Field{"price_per_chip_hour", &Pool::price_per_chip_hour},
                          Field{"price_per_cpu_hour", &Pool::price_per_cpu_hour},
                          Field{"watts_per_cpu", &Pool::watts_per_cpu});
    }
};

// Location-based: the grid factor of the province, as published. PUE is total over IT energy.
struct EnergyProfile {
    std::int64_t pue_milli = 1000;     // 1.25 is 1250
    std::int64_t grid_mg_per_kwh = 0;  // mg CO2e a kWh
    std::string source;

    bool operator==(const EnergyProfile&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"pue_milli", &EnergyProfile::pue_milli},
                          Field{"grid_mg_per_kwh", &EnergyProfile::grid_mg_per_kwh},
                          Field{"source", &EnergyProfile::source});
    }
};

// The way from the platform to the centre.
struct Link {
    std::int64_t rtt_us = 0;
    std::int64_t mbit_per_s = 0;  // 0: unknown
    Money price_per_gib;

    bool operator==(const Link&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"rtt_us", &Link::rtt_us}, Field{"mbit_per_s", &Link::mbit_per_s},
                          Field{"price_per_gib", &Link::price_per_gib});
    }
};

// What the engine at the centre can do, found out by its agent and said plainly by `dayu centers`.
struct EngineFacts {
    std::string kind;            // "process", "slurm", ...
    bool fences_itself = false;  // can end an attempt without its agent (move_after needs it)
    std::vector<std::string> enforces;  // "memory: cgroup v1", "user: nobody", ...
    std::vector<std::string> lacks;     // what the host does not give, and why

    bool operator==(const EngineFacts&) const = default;
    static constexpr auto fields() {
        return field_list(
            Field{"kind", &EngineFacts::kind}, Field{"fences_itself", &EngineFacts::fences_itself},
            Field{"enforces", &EngineFacts::enforces}, Field{"lacks", &EngineFacts::lacks});
    }
};

struct Center {
    std::string name;   // unique, as users write it: "zhongwei"
    std::string title;  // as people call it: "中卫枢纽"
    Tier tier = Tier::city;
    std::string region;               // "cn/yangtze-delta/shanghai/jiading"
    std::int64_t security_level = 1;  // MLPS level, 1 to 5
    EnergyProfile energy;
    Link link;
    EngineFacts engine;
    std::vector<Pool> pools;

    bool operator==(const Center&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"name", &Center::name}, Field{"title", &Center::title},
                          Field{"tier", &Center::tier}, Field{"region", &Center::region},
                          Field{"security_level", &Center::security_level},
                          Field{"energy", &Center::energy}, Field{"link", &Center::link},
                          Field{"engine", &Center::engine}, Field{"pools", &Center::pools});
    }
};

// Says what is wrong with a declaration: ranges, duplicate pools, empty names.
Result<void> validate(const Center& center);

// "cn/yangtze-delta" covers "cn/yangtze-delta/shanghai" and itself.
bool region_covers(std::string_view region, std::string_view inner);

}  // namespace dayu
