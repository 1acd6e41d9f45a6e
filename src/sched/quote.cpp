#include "sched/quote.h"

#include <algorithm>
#include <limits>

#include "sched/wide.h"

namespace dayu::sched {
namespace {

constexpr std::int64_t ms_per_hour = 3'600'000;
constexpr std::int64_t bytes_per_gib = std::int64_t{1} << 30;
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
// A rate is held at ten million yuan an hour, so that a million of them can be summed.
constexpr std::int64_t most_per_hour = 10'000'000'000'000;
// A job without chips waits as if this many CPUs were one chip: about the host share of a chip in an
// eight-chip server of 64 CPUs. An estimate of ours (confidence E).
constexpr std::int64_t cpus_per_chip = 8;
constexpr std::int64_t longest_move_ms = std::int64_t{10} * 365 * 24 * ms_per_hour;

// Of the IT equipment alone: the chips at full board power and the share of the host for the CPUs.
std::optional<std::int64_t> milliwatts(const Pool& pool, const Chip* chip, const JobSpec& spec) {
    const std::int64_t chip_w = chip ? chip->power_w : 0;
    const auto chips = product_over({spec.nodes, spec.resources.chips_milli, chip_w}, 1);
    const auto host = product_over({spec.nodes, spec.resources.cpus, pool.watts_per_cpu, 1000}, 1);
    std::int64_t sum = 0;
    if (!chips || !host || __builtin_add_overflow(*chips, *host, &sum)) return {};
    return sum;
}

std::optional<Money> price_of(const Pool& pool, const JobSpec& spec, Duration time) {
    const Resources& needs = spec.resources;
    const std::int64_t ms = time.ms;
    const auto micro_yuan =
        needs.chips_milli > 0
            ? product_over({spec.nodes, needs.chips_milli, pool.price_per_chip_hour.micro_yuan, ms},
                           1000 * ms_per_hour)
            : product_over({spec.nodes, needs.cpus, pool.price_per_cpu_hour.micro_yuan, ms},
                           ms_per_hour);
    if (!micro_yuan) return {};
    return Money{*micro_yuan};
}

}  // namespace

std::optional<Money> price_at_most(const Pool& pool, const JobSpec& spec) {
    return price_of(pool, spec, spec.time_limit);
}

Money price_per_hour(const Pool& pool, std::int64_t chips_milli, std::int64_t cpus) {
    const auto micro_yuan =
        chips_milli > 0 ? product_over({chips_milli, pool.price_per_chip_hour.micro_yuan}, 1000)
                        : product_over({cpus, pool.price_per_cpu_hour.micro_yuan}, 1);
    return {std::min(micro_yuan.value_or(most), most_per_hour)};
}

std::optional<Quote> quote(const Center& center, const Pool& pool, const Chip* chip,
                           const JobSpec& spec) {
    return quote_of(center, pool, chip, spec, spec.time_limit);
}

std::optional<Quote> quote_of(const Center& center, const Pool& pool, const Chip* chip,
                              const JobSpec& spec, Duration time) {
    const std::optional<Money> price = price_of(pool, spec, time);
    const auto power_mw = milliwatts(pool, chip, spec);
    if (!price || !power_mw) return {};
    const auto energy_mwh =
        product_over({*power_mw, time.ms, center.energy.pue_milli}, 1000 * ms_per_hour);
    if (!energy_mwh) return {};
    const auto carbon_mg = product_over({*energy_mwh, center.energy.grid_mg_per_kwh}, 1'000'000);
    if (!carbon_mg) return {};
    return Quote{.price = *price, .energy_mwh = *energy_mwh, .carbon_mg = *carbon_mg};
}

std::int64_t chip_equivalents_milli(const JobSpec& spec) {
    const Resources& needs = spec.resources;
    const std::int64_t a_node =
        needs.chips_milli > 0 ? needs.chips_milli : needs.cpus * 1000 / cpus_per_chip;
    return spec.nodes * a_node;
}

Moving moving_to(const Center& center, const JobSpec& spec,
                 const std::map<std::string, Dataset>& datasets) {
    Moving moving;
    for (const DataInput& input : spec.inputs) {
        const auto known = datasets.find(input.dataset);
        if (known == datasets.end()) {
            moving.bytes = saturating_sum({moving.bytes, input.bytes});
            continue;
        }
        const Dataset& data = known->second;
        if (std::ranges::find(data.centers, center.name) != data.centers.end()) continue;
        moving.bytes = saturating_sum({moving.bytes, input.bytes > 0 ? input.bytes : data.bytes});
    }
    const Link& link = center.link;
    if (link.mbit_per_s > 0) {
        const auto ms = product_over({moving.bytes, 8}, 1000 * link.mbit_per_s);
        moving.takes = {std::min(ms.value_or(most), longest_move_ms)};
    }
    moving.cost = {
        product_over({moving.bytes, link.price_per_gib.micro_yuan}, bytes_per_gib).value_or(most)};
    return moving;
}

}  // namespace dayu::sched
