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
    cost.price_yuan = cost.hours * chips * setting.price_per_chip_h;
    const double chips_w = chips * chip_power_w * setting.power_part;
    cost.energy_kwh = chips_w / (1 - setting.host_part) * setting.pue * cost.hours / 1000;
    cost.carbon_kg = cost.energy_kwh * setting.carbon_g_per_kwh / 1000;
    if (setting.tokens > 0) cost.joule_per_token = cost.energy_kwh * 3.6e6 / setting.tokens;
    return cost;
}

}  // namespace dayu::plan
