#include "plan/train_cost.h"

#include <algorithm>
#include <cmath>

namespace dayu::plan {
namespace {

constexpr double s_per_h = 3600;
constexpr double least_goodput = 0.05;  // failures so frequent that the run hardly moves

}  // namespace

RunCost run_cost(const TrainJob& job, double chips, double step_s, double chip_power_w,
                 const RunSetting& setting) {
    RunCost cost;
    cost.steps = std::ceil(setting.tokens / (job.global_batch * job.sequence));
    const double between_failures_s = setting.failure_free_chip_h * s_per_h / chips;
    cost.checkpoint_every_s =
        std::max(step_s, std::sqrt(2 * setting.checkpoint_s * between_failures_s));
    const double lost = setting.checkpoint_s / cost.checkpoint_every_s +
                        (cost.checkpoint_every_s / 2 + setting.restart_s) / between_failures_s;
    cost.goodput = std::max(least_goodput, 1 - lost);
    cost.hours = cost.steps * step_s / cost.goodput / s_per_h;
    const TermSums sums = sums_of(setting.terms, setting.from_hour, cost.hours);
    const double nodes_kw =
        chips * chip_power_w * setting.power_part / (1 - setting.host_part) / 1000;
    cost.cost_yuan = chips * sums.yuan_per_chip;
    cost.energy_kwh = nodes_kw * sums.kwh_per_kw;
    cost.carbon_kg = nodes_kw * sums.carbon_g_per_kw / 1000;
    if (setting.tokens > 0) cost.joule_per_token = cost.energy_kwh * 3.6e6 / setting.tokens;
    return cost;
}

}  // namespace dayu::plan
