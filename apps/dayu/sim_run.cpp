// dayu sim run: a trace of jobs replayed through the scheduler that serves live ones.
#include <chrono>
#include <memory>

#include <fmt/core.h>

#include "dayu/figures.h"
#include "dayu/output.h"
#include "dayu/sim_figures.h"
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
    for (const SimFigure& figure : sim_figures) {
        table.add({figure.title,
                   fmt::format("{:.{}f}", figure.of(report) / figure.shown_in, figure.digits)});
    }
    print_table(globals, table);
}

Result<int> run_trace(const Options& options, const Globals& globals) {
    const auto began = std::chrono::steady_clock::now();
    if (options.seed < 0)
        return invalid("usage", fmt::format("--seed {}; expected 0 or more", options.seed));
    const SimPolicy policy = TRY(named_policy(options.policy));
    const SimInput input = TRY(read_sim_input(options.files));
    const sim::RunReport report = replay(input, policy, options.seed);
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;
    if (!is_structured(globals)) {
        print_report(globals, report);
        return 0;
    }
    std::vector<Figure> figures{{"policy", options.policy}, {"seed", options.seed}};
    for (const SimFigure& figure : sim_figures) figures.push_back({figure.name, figure.of(report)});
    figures.push_back({"loop_s", report.loop_s});
    figures.push_back({"wall_s", wall.count()});
    print_figures(globals, figures);
    return 0;
}

}  // namespace

Verb sim_run_verb() {
    const auto options = std::make_shared<Options>();
    std::vector<Option> taken = sim_file_options(options->files);
    taken.push_back({"--policy", &options->policy,
                     "who decides: as dayu server takes it, or easy (easy-2 to easy-8 with so many "
                     "reservations), fifo, sjf, srtf (the server's own)",
                     false, words_of(sim_policy_names())});
    taken.push_back({"--seed", &options->seed, "of the faults; moves arrivals too, but for 0 (0)"});
    return {
        .name = "sim run",
        .help = "Replay a trace of jobs through the scheduler that serves live ones",
        .options = std::move(taken),
        .run = [options](const Globals& globals) { return run_trace(*options, globals); },
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
