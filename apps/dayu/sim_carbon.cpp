// dayu sim carbon: jobs that may wait for clean power, by the policy that times them.
#include <chrono>
#include <memory>

#include <fmt/core.h>

#include "dayu/figures.h"
#include "dayu/number_option.h"
#include "dayu/output.h"
#include "dayu/traces.h"
#include "dayu/verbs.h"
#include "sim/carbon.h"

namespace dayu::app {
namespace {

struct Options {
    std::string trace;
    std::string series;
    std::string zone;
    std::int64_t from_hour = 0;
    std::string policy{sched::timing_policy_names().front()};
    bool may_pause = false;
    std::string prior_median_h = fmt::format("{}", sched::LengthPrior{}.median_h);
    std::string prior_log_sd = fmt::format("{}", sched::LengthPrior{}.log_sd);
};

// From a minute to ten weeks; from nearly all alike to a million times apart.
constexpr double least_median_h = 0.01, most_median_h = 2000;
constexpr double least_log_sd = 0.1, most_log_sd = 10;

Result<sched::LengthPrior> prior_of(const Options& options) {
    sched::LengthPrior prior;
    prior.median_h = TRY(
        number_between("--prior-median-h", options.prior_median_h, least_median_h, most_median_h));
    prior.log_sd =
        TRY(number_between("--prior-log-sd", options.prior_log_sd, least_log_sd, most_log_sd));
    return prior;
}

void print(const Globals& globals, const Options& options, const sim::DeferrableReport& report,
           double wall_s) {
    const double ratio = report.carbon_now > 0 ? report.carbon / report.carbon_now : 1;
    if (is_structured(globals)) {
        print_figures(globals, {{"policy", options.policy},
                                {"carbon", report.carbon},
                                {"ratio_to_now", ratio},
                                {"wait_mean_h", report.wait_mean_h},
                                {"wall_s", wall_s}});
        return;
    }
    using Kind = Column::Kind;
    Table table({{"POLICY"},
                 {"CARBON", Kind::number},
                 {"OF NOW", Kind::number},
                 {"MEAN WAIT H", Kind::number},
                 {"WALL S", Kind::number}});
    table.add({options.policy, fmt::format("{:.3f}", report.carbon), fmt::format("{:.5f}", ratio),
               fmt::format("{:.3f}", report.wait_mean_h), fmt::format("{:.2f}", wall_s)});
    print_table(globals, table);
}

Result<int> replay(const Options& options, const Globals& globals) {
    const auto began = std::chrono::steady_clock::now();
    const sched::LengthPrior prior = TRY(prior_of(options));
    const auto jobs = TRY(sim::read_deferrable(find_trace(options.trace)));
    const sched::IntensitySeries series(
        TRY(sim::read_intensity(find_trace(options.series), options.zone, options.from_hour)),
        sim::carbon_steps_an_hour);
    const auto kinds = sim::deferrable_kinds(jobs);
    const auto policy = TRY(sched::make_timing_policy(
        options.policy,
        {.series = &series, .kinds = kinds, .may_pause = options.may_pause, .prior = prior}));
    const auto report = TRY(sim::replay_deferrable(jobs, kinds, series, *policy));
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;
    print(globals, options, report, wall.count());
    return 0;
}

}  // namespace

Verb sim_carbon_verb() {
    const auto options = std::make_shared<Options>();
    return {
        .name = "sim carbon",
        .help = "Replay jobs that may wait for clean power, and show what they emit and wait",
        .options = {{"--trace", &options->trace,
                     "CSV: arrival_time, length (seconds), cpus; also below DAYU_TRACES", true},
                    {"--series", &options->series,
                     "CSV: one row an hour, one column of g/kWh a zone; also below DAYU_TRACES",
                     true},
                    {"--zone", &options->zone, "column of the series, as AU-SA", true},
                    {"--from-hour", &options->from_hour,
                     "row of the series at which time begins (0)"},
                    {"--policy", &options->policy, "who times (the first)", false,
                     words_of(sched::timing_policy_names())},
                    {"--pause", &options->may_pause, "jobs may pause, besides starting later"},
                    {"--prior-median-h", &options->prior_median_h,
                     "what survival believes before any job has ended: half of all jobs take "
                     "longer (0.25, of Microsoft's Philly)"},
                    {"--prior-log-sd", &options->prior_log_sd,
                     "and the standard deviation of the logarithm of their lengths (2.16)"}},
        .run = [options](const Globals& globals) { return replay(*options, globals); },
        .detail =
            "A job of less than two hours may wait six, any other a day. The coming intensity is "
            "known, how long a job takes is not. CARBON is in the unit of the published "
            "experiment (GAIA): kg for each kW that a CPU draws; OF NOW is its part of what they "
            "would emit if nobody waited.",
        .examples = {"dayu sim carbon --trace gaia/pai_1k.csv --series "
                     "carbon/carbon_intensity_2022_hourly_123zones.csv --zone AU-SA --from-hour "
                     "7000 -o json"},
    };
}

}  // namespace dayu::app
