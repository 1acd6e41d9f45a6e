#include "dayu/sim_figures.h"

#include <algorithm>
#include <string_view>

#include "base/check.h"

namespace dayu::app {
namespace {

constexpr double hour_s = 3600;

template <auto member>
double figure(const sim::RunReport& report) {
    return static_cast<double>(report.*member);
}

}  // namespace

using Report = sim::RunReport;

const std::vector<SimFigure> sim_figures{
    {"jobs", "jobs", figure<&Report::jobs>},
    {"completed", "completed", figure<&Report::completed>},
    {"refused", "refused", figure<&Report::refused>},
    {"makespan_s", "makespan, h", figure<&Report::makespan_s>, hour_s, 1},
    {"jct_mean_s", "mean JCT, h", figure<&Report::jct_mean_s>, hour_s, 2},
    {"jct_p50_s", "p50 JCT, h", figure<&Report::jct_p50_s>, hour_s, 2},
    {"jct_p90_s", "p90 JCT, h", figure<&Report::jct_p90_s>, hour_s, 2},
    {"jct_p99_s", "p99 JCT, h", figure<&Report::jct_p99_s>, hour_s, 2},
    {"wait_mean_s", "mean wait, h", figure<&Report::wait_mean_s>, hour_s, 2},
    {"wait_p50_s", "p50 wait, h", figure<&Report::wait_p50_s>, hour_s, 2},
    {"wait_p90_s", "p90 wait, h", figure<&Report::wait_p90_s>, hour_s, 2},
    {"wait_p99_s", "p99 wait, h", figure<&Report::wait_p99_s>, hour_s, 2},
    {"wait_p999_s", "p99.9 wait, h", figure<&Report::wait_p999_s>, hour_s, 2},
    {"slowdown_mean", "mean slowdown", figure<&Report::slowdown_mean>, 1, 2},
    {"slowdown_p50", "p50 slowdown", figure<&Report::slowdown_p50>, 1, 2},
    {"slowdown_p90", "p90 slowdown", figure<&Report::slowdown_p90>, 1, 2},
    {"slowdown_p99", "p99 slowdown", figure<&Report::slowdown_p99>, 1, 2},
    {"utilisation", "utilisation", figure<&Report::utilisation>, 1, 3},
    {"fragmentation", "fragmentation", figure<&Report::fragmentation>, 1, 3},
    {"finish_ratio_mean", "mean finish-time ratio", figure<&Report::finish_ratio_mean>, 1, 3},
    {"finish_ratio_p99", "p99 finish-time ratio", figure<&Report::finish_ratio_p99>, 1, 2},
    {"finish_ratio_worst", "worst finish-time ratio", figure<&Report::finish_ratio_worst>, 1, 2},
    {"unfair_pct", "treated unfairly, %", figure<&Report::unfair_pct>, 1, 1},
    {"jain_index", "Jain over projects", figure<&Report::jain_index>, 1, 3},
    {"cost_yuan", "cost, yuan", figure<&Report::cost_yuan>, 1, 2},
    {"energy_kwh", "energy, kWh", figure<&Report::energy_kwh>, 1, 1},
    {"carbon_kg", "carbon, kg", figure<&Report::carbon_kg>, 1, 1},
    {"data_moved_gib", "data moved, GiB", figure<&Report::data_moved_gib>, 1, 1},
    {"preemptions", "preemptions", figure<&Report::preemptions>},
    {"lost_runs", "runs lost to faults", figure<&Report::lost_runs>},
    {"given_up", "jobs given up", figure<&Report::given_up>},
    {"deadline_misses", "deadlines missed", figure<&Report::deadline_misses>},
    {"events", "events", figure<&Report::events>},
};

const SimFigure& sim_figure(std::string_view name) {
    const auto at = std::ranges::find(
        sim_figures, name, [](const SimFigure& one) { return std::string_view(one.name); });
    CHECK(at != sim_figures.end());
    return *at;
}

}  // namespace dayu::app
