// dayu sim run: a trace of jobs replayed through the scheduler that serves live ones.
#include <chrono>
#include <memory>

#include <fmt/core.h>

#include "dayu/figures.h"
#include "dayu/output.h"
#include "dayu/sim_input.h"
#include "dayu/traces.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

struct Options {
    SimFiles files;
    std::string policy{sched::policy_names().front()};
    std::int64_t seed = 0;
};

void print_report(const Globals& globals, const sim::RunReport& report) {
    using Kind = Column::Kind;
    Table table({{"FIGURE"}, {"VALUE", Kind::number}});
    const auto add = [&](const char* name, const std::string& value) { table.add({name, value}); };
    add("jobs", std::to_string(report.jobs));
    add("completed", std::to_string(report.completed));
    add("refused", std::to_string(report.refused));
    add("makespan, h", fmt::format("{:.1f}", report.makespan_s / 3600));
    add("mean JCT, h", fmt::format("{:.2f}", report.jct_mean_s / 3600));
    add("mean wait, h", fmt::format("{:.2f}", report.wait_mean_s / 3600));
    add("p99.9 wait, h", fmt::format("{:.2f}", report.wait_p999_s / 3600));
    add("utilisation", fmt::format("{:.3f}", report.utilisation));
    add("cost, yuan", fmt::format("{:.2f}", report.cost_yuan));
    add("energy, kWh", fmt::format("{:.1f}", report.energy_kwh));
    add("carbon, kg", fmt::format("{:.1f}", report.carbon_kg));
    add("preemptions", std::to_string(report.preemptions));
    print_table(globals, table);
}

Result<int> replay(const Options& options, const Globals& globals) {
    const auto began = std::chrono::steady_clock::now();
    if (options.seed < 0)
        return invalid("usage", fmt::format("--seed {}; expected 0 or more", options.seed));
    const sched::Policy* const policy = TRY(named_policy(options.policy));
    const SimInput input = TRY(read_sim_input(options.files));
    const sim::RunReport report =
        sim::run(input.world, input.trace,
                 {.policy = *policy, .seed = static_cast<std::uint64_t>(options.seed)});
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;
    if (!is_structured(globals)) {
        print_report(globals, report);
        return 0;
    }
    print_figures(globals, {{"policy", options.policy},
                            {"seed", options.seed},
                            {"jobs", report.jobs},
                            {"completed", report.completed},
                            {"refused", report.refused},
                            {"makespan_s", report.makespan_s},
                            {"jct_mean_s", report.jct_mean_s},
                            {"jct_p50_s", report.jct_p50_s},
                            {"jct_p99_s", report.jct_p99_s},
                            {"wait_mean_s", report.wait_mean_s},
                            {"wait_p999_s", report.wait_p999_s},
                            {"utilisation", report.utilisation},
                            {"cost_yuan", report.cost_yuan},
                            {"energy_kwh", report.energy_kwh},
                            {"carbon_kg", report.carbon_kg},
                            {"preemptions", report.preemptions},
                            {"events", report.events},
                            {"loop_s", report.loop_s},
                            {"wall_s", wall.count()}});
    return 0;
}

}  // namespace

Verb sim_run_verb() {
    const auto options = std::make_shared<Options>();
    std::vector<Option> taken = sim_file_options(options->files);
    taken.push_back({"--policy", &options->policy, "who places jobs (the server's own)", false,
                     words_of(sched::policy_names())});
    taken.push_back({"--seed", &options->seed, "moves arrivals by chance; 0: as they are (0)"});
    return {
        .name = "sim run",
        .help = "Replay a trace of jobs through the scheduler that serves live ones",
        .options = std::move(taken),
        .run = [options](const Globals& globals) { return replay(*options, globals); },
        .detail =
            "The world file declares centres in the words of an agent's file, and says what "
            "stands for what the trace leaves out. A wait is the time from arrival to end "
            "without the duration. Jobs that no pool could ever take are counted as refused "
            "and left out.",
        .examples = {"dayu sim run --world examples/worlds/cpu-cluster.yaml --trace "
                     "swf/wagap-2013.swf --format swf -o json"},
    };
}

}  // namespace dayu::app
