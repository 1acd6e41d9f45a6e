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

Money cost_of(const Terms& terms, const JobSpec& spec) {
    const Weights& weights = spec.placement.weights;
    const auto waiting = product_over(
        {weights.wait_per_chip_hour.micro_yuan, chip_equivalents_milli(spec), terms.wait.ms},
        1000 * ms_per_hour);
    const auto carbon =
        product_over({weights.carbon_per_kg.micro_yuan, terms.carbon_mg}, mg_per_kg);
    return {saturating_sum({terms.price.micro_yuan, terms.moving.micro_yuan, waiting, carbon})};
}

}  // namespace dayu::sched
