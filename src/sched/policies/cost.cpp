#include "sched/policies/cost.h"

#include "sched/wide.h"

namespace dayu::sched {
namespace {

constexpr std::int64_t ms_per_hour = 3'600'000;
constexpr std::int64_t mg_per_kg = 1'000'000;

// A job without chips waits as if this many CPUs were one chip: about the host share of a chip in an
// eight-chip server of 64 CPUs. An estimate of ours (confidence E).
constexpr std::int64_t cpus_per_chip = 8;

std::int64_t chip_equivalents_milli(const JobSpec& spec) {
    const Resources& needs = spec.resources;
    const std::int64_t a_node =
        needs.chips_milli > 0 ? needs.chips_milli : needs.cpus * 1000 / cpus_per_chip;
    return spec.nodes * a_node;
}

}  // namespace

Money cost_of(const Candidate& offer, const JobSpec& spec, Time now) {
    const Weights& weights = spec.placement.weights;
    const auto waiting = product_over({weights.wait_per_chip_hour.micro_yuan,
                                       chip_equivalents_milli(spec), (offer.start - now).ms},
                                      1000 * ms_per_hour);
    const auto carbon =
        product_over({weights.carbon_per_kg.micro_yuan, offer.carbon_mg}, mg_per_kg);
    return {saturating_sum({offer.price.micro_yuan, waiting, carbon})};
}

NodeShare share_of(std::size_t node, const Resources& needs) {
    return {.node = static_cast<std::int64_t>(node),
            .chips_milli = needs.chips_milli,
            .cpus = needs.cpus,
            .memory_mib = needs.memory_mib};
}

}  // namespace dayu::sched
