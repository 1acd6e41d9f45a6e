#include "sched/quote.h"

#include "sched/wide.h"

namespace dayu::sched {
namespace {

constexpr std::int64_t ms_per_hour = 3'600'000;

// Of the IT equipment alone: the chips at full board power and the share of the host for the CPUs.
std::optional<std::int64_t> milliwatts(const Pool& pool, const Chip* chip, const JobSpec& spec) {
    const std::int64_t chip_w = chip ? chip->power_w : 0;
    const auto chips = product_over({spec.nodes, spec.resources.chips_milli, chip_w}, 1);
    const auto host = product_over({spec.nodes, spec.resources.cpus, pool.watts_per_cpu, 1000}, 1);
    std::int64_t sum = 0;
    if (!chips || !host || __builtin_add_overflow(*chips, *host, &sum)) return {};
    return sum;
}

}  // namespace

std::optional<Money> price_at_most(const Pool& pool, const JobSpec& spec) {
    const Resources& needs = spec.resources;
    const std::int64_t ms = spec.time_limit.ms;
    const auto micro_yuan =
        needs.chips_milli > 0
            ? product_over({spec.nodes, needs.chips_milli, pool.price_per_chip_hour.micro_yuan, ms},
                           1000 * ms_per_hour)
            : product_over({spec.nodes, needs.cpus, pool.price_per_cpu_hour.micro_yuan, ms},
                           ms_per_hour);
    if (!micro_yuan) return {};
    return Money{*micro_yuan};
}

std::optional<Quote> quote(const Center& center, const Pool& pool, const Chip* chip,
                           const JobSpec& spec) {
    const std::optional<Money> price = price_at_most(pool, spec);
    const auto power_mw = milliwatts(pool, chip, spec);
    if (!price || !power_mw) return {};
    const auto energy_mwh =
        product_over({*power_mw, spec.time_limit.ms, center.energy.pue_milli}, 1000 * ms_per_hour);
    if (!energy_mwh) return {};
    const auto carbon_mg = product_over({*energy_mwh, center.energy.grid_mg_per_kwh}, 1'000'000);
    if (!carbon_mg) return {};
    return Quote{.price = *price, .energy_mwh = *energy_mwh, .carbon_mg = *carbon_mg};
}

}  // namespace dayu::sched
