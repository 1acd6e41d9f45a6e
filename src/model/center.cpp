#include "model/center.h"

#include <set>

#include "model/check_fields.h"

namespace dayu {
namespace {

constexpr std::size_t max_title_bytes = 200;
constexpr std::size_t max_source_bytes = 1000;
constexpr std::size_t max_chip_bytes = 128;
constexpr std::int64_t max_pools = 1000;
constexpr Range security_levels{1, 5};          // MLPS
constexpr Range pue_milli{1000, 5000};          // total over IT energy is never under 1
constexpr Range grid_mg_per_kwh{0, 5'000'000};  // coal alone is about 1 kg
constexpr Range rtt_us{0, 10'000'000};          // 10 s
constexpr Range mbit_per_s{0, 1'000'000'000};   // 1 Pbit/s
constexpr Range nodes{1, 100'000};              // of a pool
constexpr Range chips_per_node{0, 1024};
constexpr Range cpus_per_node{1, 65'536};
constexpr Range memory_mib_per_node{1, 1 << 30, " MiB"};  // 1 PiB
constexpr Range watts_per_cpu{0, 10'000};
constexpr Range price_micro_yuan{0, 1'000'000'000'000};  // a million yuan an hour or a GiB

Result<void> validate_pool(const std::string& at, const Pool& pool) {
    TRY(check_name(at + ".name", pool.name));
    TRY(check_range(at + ".nodes", pool.nodes, nodes));
    TRY(check_range(at + ".chips_per_node", pool.chips_per_node, chips_per_node));
    TRY(check_range(at + ".cpus_per_node", pool.cpus_per_node, cpus_per_node));
    TRY(check_range(at + ".memory_mib_per_node", pool.memory_mib_per_node, memory_mib_per_node));
    TRY(check_range(at + ".price_per_chip_hour", pool.price_per_chip_hour.micro_yuan,
                    price_micro_yuan));
    TRY(check_range(at + ".price_per_cpu_hour", pool.price_per_cpu_hour.micro_yuan,
                    price_micro_yuan));
    TRY(check_range(at + ".watts_per_cpu", pool.watts_per_cpu, watts_per_cpu));
    if (pool.chip.empty() != (pool.chips_per_node == 0)) {
        return invalid("pool_chip_mismatch",
                       at + ".chip: a pool names its chip and how many a node has, or neither");
    }
    if (!pool.chip.empty()) TRY(check_label(at + ".chip", pool.chip, max_chip_bytes));
    return {};
}

}  // namespace

Result<void> validate(const Center& center) {
    TRY(check_name("name", center.name));
    if (!center.title.empty()) TRY(check_label("title", center.title, max_title_bytes));
    TRY(check_region("region", center.region));
    TRY(check_range("security_level", center.security_level, security_levels));
    TRY(check_range("energy.pue_milli", center.energy.pue_milli, pue_milli));
    TRY(check_range("energy.grid_mg_per_kwh", center.energy.grid_mg_per_kwh, grid_mg_per_kwh));
    if (!center.energy.source.empty()) {
        TRY(check_label("energy.source", center.energy.source, max_source_bytes));
    }
    TRY(check_range("link.rtt_us", center.link.rtt_us, rtt_us));
    TRY(check_range("link.mbit_per_s", center.link.mbit_per_s, mbit_per_s));
    TRY(check_range("link.price_per_gib", center.link.price_per_gib.micro_yuan, price_micro_yuan));
    TRY(check_label("engine.kind", center.engine.kind, max_chip_bytes));
    TRY(check_range("pools", static_cast<std::int64_t>(center.pools.size()), {1, max_pools}));
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < center.pools.size(); ++i) {
        const std::string at = "pools[" + std::to_string(i) + "]";
        TRY(validate_pool(at, center.pools[i]));
        if (!names.insert(center.pools[i].name).second) {
            return invalid("pool_duplicate",
                           at + ".name: the pool \"" + center.pools[i].name + "\" stands twice");
        }
    }
    return {};
}

bool region_covers(std::string_view region, std::string_view inner) {
    return inner.starts_with(region) && !region.empty() &&
           (inner.size() == region.size() || inner[region.size()] == '/');
}

}  // namespace dayu
