#include "sched/policies/cost.h"

#include "sched/quote.h"
#include "sched/wide.h"

namespace dayu::sched {
namespace {

constexpr std::int64_t ms_per_hour = 3'600'000;
constexpr std::int64_t mg_per_kg = 1'000'000;

}  // namespace

Money cost_of(const Terms& terms, const JobSpec& spec) {
    const Weights& weights = spec.placement.weights;
    const std::int64_t waiting_milli =
        terms.waiting_milli > 0 ? terms.waiting_milli : chip_equivalents_milli(spec);
    const auto waiting = product_over(
        {weights.wait_per_chip_hour.micro_yuan, waiting_milli, (terms.wait + terms.longer).ms},
        1000 * ms_per_hour);
    const auto carbon =
        product_over({weights.carbon_per_kg.micro_yuan, terms.carbon_mg}, mg_per_kg);
    return {saturating_sum({terms.price.micro_yuan, terms.moving.micro_yuan, waiting, carbon})};
}

}  // namespace dayu::sched
