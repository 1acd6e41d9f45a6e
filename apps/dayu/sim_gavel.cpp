// dayu sim gavel: a stream of training jobs on three unlike kinds of chip, by the policy that matches them.
#include <chrono>
#include <memory>

#include <fmt/core.h>

#include "dayu/figures.h"
#include "dayu/number_option.h"
#include "dayu/output.h"
#include "dayu/small_file.h"
#include "dayu/traces.h"
#include "dayu/verbs.h"
#include "sim/gavel.h"

namespace dayu::app {
namespace {

struct Options {
    std::string throughputs;
    std::string policy{sched::matching_policy_names().front()};
    std::string jobs_per_h;
    std::string switch_cost_s = "0";
    bool has_gangs = false;
    bool may_share = false;
    std::int64_t seed = 0;
    std::int64_t first = sim::GavelWindow{}.first;
    std::int64_t last = sim::GavelWindow{}.last;
};

constexpr double least_jobs_per_h = 1e-3, most_jobs_per_h = 1e3;
constexpr double most_switch_cost_s = 300;  // of rounds of 360 s
constexpr std::int64_t most_jobs = 1'000'000;

Result<sim::GavelSetting> setting_of(const Options& options) {
    sim::GavelSetting setting;
    setting.policy = options.policy;
    setting.jobs_per_h =
        TRY(number_between("--rate", options.jobs_per_h, least_jobs_per_h, most_jobs_per_h));
    setting.switch_cost_s =
        TRY(number_between("--switch-cost-s", options.switch_cost_s, 0, most_switch_cost_s));
    setting.has_gangs = options.has_gangs;
    setting.may_share = options.may_share;
    if (options.seed < 0)
        return invalid("usage", fmt::format("--seed {}; expected at least 0", options.seed));
    setting.seed = static_cast<std::uint64_t>(options.seed);
    if (options.first < 0 || options.last <= options.first || options.last > most_jobs) {
        return invalid("usage",
                       fmt::format("--first {} --last {}; expected 0 <= first < last <= {}",
                                   options.first, options.last, most_jobs));
    }
    setting.window = {static_cast<std::uint32_t>(options.first),
                      static_cast<std::uint32_t>(options.last)};
    return setting;
}

void print(const Globals& globals, const std::string& policy, const sim::GavelFigures& figures,
           double wall_s) {
    if (is_structured(globals)) {
        const auto whole = [](std::uint64_t count) { return static_cast<std::int64_t>(count); };
        print_figures(globals, {{"policy", policy},
                                {"completed", whole(figures.completed)},
                                {"jct_mean_h", figures.jct_mean_h},
                                {"jct_p50_h", figures.jct_p50_h},
                                {"jct_p99_h", figures.jct_p99_h},
                                {"jct_max_h", figures.jct_max_h},
                                {"finish_ratio_mean", figures.finish_ratio_mean},
                                {"finish_ratio_p99", figures.finish_ratio_p99},
                                {"finish_ratio_max", figures.finish_ratio_max},
                                {"unfair_pct", figures.unfair_pct},
                                {"makespan_h", figures.makespan_h},
                                {"utilisation", figures.utilisation},
                                {"unfinished_mean", figures.unfinished_mean},
                                {"rounds", whole(figures.rounds)},
                                {"switches", whole(figures.switches)},
                                {"wall_s", wall_s}});
        return;
    }
    using Kind = Column::Kind;
    Table table({{"POLICY"},
                 {"JOBS", Kind::number},
                 {"MEAN JCT H", Kind::number},
                 {"P99 JCT H", Kind::number},
                 {"FINISH RATIO", Kind::number},
                 {"WORST", Kind::number},
                 {"UNFAIR %", Kind::number},
                 {"USED %", Kind::number},
                 {"SWITCHES", Kind::number},
                 {"WALL S", Kind::number}});
    const auto fixed = [](double value) { return fmt::format("{:.2f}", value); };
    table.add({policy, std::to_string(figures.completed), fixed(figures.jct_mean_h),
               fixed(figures.jct_p99_h), fixed(figures.finish_ratio_mean),
               fixed(figures.finish_ratio_max), fixed(figures.unfair_pct),
               fixed(100 * figures.utilisation), std::to_string(figures.switches), fixed(wall_s)});
    print_table(globals, table);
}

Result<int> replay(const Options& options, const Globals& globals) {
    const auto began = std::chrono::steady_clock::now();
    const sim::GavelSetting setting = TRY(setting_of(options));
    const std::string throughputs =
        TRY(read_small_file(find_trace(options.throughputs), sim::max_throughput_bytes));
    const sim::GavelFigures figures = TRY(sim::run_gavel(throughputs, setting));
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;
    print(globals, options.policy, figures, wall.count());
    return 0;
}

}  // namespace

Verb sim_gavel_verb() {
    const auto options = std::make_shared<Options>();
    return {
        .name = "sim gavel",
        .help = "Replay a stream of training jobs on unlike chips, and show how long they took",
        .options =
            {{"--throughputs", &options->throughputs,
              "JSON of measured speeds, as Gavel's authors publish it; also below DAYU_TRACES",
              true},
             {"--rate", &options->jobs_per_h, "jobs that arrive an hour, in the mean", true},
             {"--multi-gpu", &options->has_gangs, "three jobs in ten ask for 2, 4 or 8 chips"},
             {"--sharing", &options->may_share,
              "two jobs may share chips, where that was measured"},
             {"--switch-cost-s", &options->switch_cost_s,
              "lost by a job that goes on on another kind of chip (0)"},
             {"--policy", &options->policy, "who matches (the first)", false,
              words_of(sched::matching_policy_names())},
             {"--seed", &options->seed, "of the stream (0)"},
             {"--first", &options->first, "job that is measured, by arrival (4000)"},
             {"--last", &options->last, "job that is not measured any more (5000)"}},
        .run = [options](const Globals& globals) { return replay(*options, globals); },
        .detail =
            "36 V100, 36 P100 and 36 K80, in rounds of 360 s. The stream is the one that the "
            "authors "
            "of Gavel (OSDI 2020) draw with that seed. FINISH RATIO is the time that a job took "
            "over "
            "the time that it would have taken with an equal part of every kind of chip to itself; "
            "UNFAIR are the jobs for which it is above 1. No policy knows how long a job will run.",
        .examples = {"dayu sim gavel --throughputs gavel/simulation_throughputs.json --rate 5.6 "
                     "--sharing --seed 0 -o json",
                     "dayu sim gavel --throughputs gavel/simulation_throughputs.json --rate 2.6 "
                     "--multi-gpu --policy gavel"},
    };
}

}  // namespace dayu::app
