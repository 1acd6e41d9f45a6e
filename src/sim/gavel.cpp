#include "sim/gavel.h"

#include "sim/replay/gavel.h"

namespace dayu::sim {
namespace {

// The cluster of the published experiment: so many chips of each kind, fastest first.
const std::vector<std::string> kinds{"v100", "p100", "k80"};
const std::vector<std::uint32_t> chips{36, 36, 36};

}  // namespace

Result<GavelFigures> run_gavel(std::string_view throughputs, const GavelSetting& setting) {
    const Throughputs table = TRY(parse_throughputs(throughputs, kinds));
    const sched::MatchingSetting matching{.chips = chips,
                                          .switch_cost_s = setting.switch_cost_s,
                                          .pairs = setting.may_share ? &table.pairs : nullptr,
                                          .seed = setting.seed};
    const auto policy = TRY(sched::make_matching_policy(setting.policy, matching));
    GavelStream stream = TRY(GavelStream::open(
        table,
        {.jobs_per_h = setting.jobs_per_h, .has_gangs = setting.has_gangs, .seed = setting.seed}));
    return replay_gavel(table, std::move(stream), matching, *policy, setting.window);
}

}  // namespace dayu::sim
