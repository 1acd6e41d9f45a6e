// dayu sim compare: one trace under several policies and seeds, side by side.
#include <algorithm>
#include <memory>
#include <string_view>

#include <fmt/core.h>

#include "dayu/compare_page.h"
#include "dayu/figures.h"
#include "dayu/output.h"
#include "dayu/sim_figures.h"
#include "dayu/sim_input.h"
#include "dayu/small_file.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

constexpr std::int64_t most_seeds = 1000;

struct Options {
    SimFiles files;
    std::string policies;
    std::int64_t seeds = 3;
    std::string html;
};

// "a,b,c"; nothing: all that there are.
Result<std::vector<SimPolicy>> named_policies(std::string_view text) {
    std::vector<SimPolicy> policies;
    if (text.empty()) {
        for (const std::string_view name : sched::policy_names())
            policies.push_back(TRY(named_policy(std::string(name))));
        return policies;
    }
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const std::string name(text.substr(begin, end - begin));
        if (name.empty())
            return invalid("usage",
                           fmt::format("--policies \"{}\"; expected names between commas", text));
        policies.push_back(TRY(named_policy(name)));
        begin = end + 1;
    }
    return policies;
}

std::vector<PolicyRuns> run_all(const SimInput& input, const std::vector<SimPolicy>& policies,
                                std::int64_t seeds) {
    std::vector<PolicyRuns> all;
    for (const SimPolicy& policy : policies) {
        PolicyRuns runs{.policy = policy.name, .by_seed = {}};
        for (std::int64_t seed = 0; seed < seeds; ++seed) {
            runs.by_seed.push_back(replay(input, policy, seed));
        }
        all.push_back(std::move(runs));
    }
    return all;
}

void print_lists(const std::vector<PolicyRuns>& all) {
    std::vector<std::vector<Figure>> rows;
    for (const PolicyRuns& runs : all) {
        std::vector<Figure> row{{"policy", runs.policy}};
        for (const SimFigure& figure : sim_figures) {
            std::vector<double> by_seed;
            for (const sim::RunReport& report : runs.by_seed) by_seed.push_back(figure.of(report));
            row.push_back({figure.name, std::move(by_seed)});
        }
        rows.push_back(std::move(row));
    }
    print_figure_list(rows);
}

void print_means(const Globals& globals, const std::vector<PolicyRuns>& all) {
    using Kind = Column::Kind;
    Table table({{"POLICY"},
                 {"MEAN JCT H", Kind::number},
                 {"MEAN WAIT H", Kind::number},
                 {"P99.9 WAIT H", Kind::number},
                 {"UTILISATION", Kind::number},
                 {"COST", Kind::number},
                 {"KG CO2E", Kind::number}});
    const auto mean = [](const PolicyRuns& runs, std::string_view name) {
        const SimFigure& figure = sim_figure(name);
        return mean_over_seeds(runs, figure) / figure.shown_in;
    };
    for (const PolicyRuns& runs : all) {
        table.add({runs.policy, fmt::format("{:.2f}", mean(runs, "jct_mean_s")),
                   fmt::format("{:.2f}", mean(runs, "wait_mean_s")),
                   fmt::format("{:.2f}", mean(runs, "wait_p999_s")),
                   fmt::format("{:.3f}", mean(runs, "utilisation")),
                   fmt::format("{:.2f}", mean(runs, "cost_yuan")),
                   fmt::format("{:.1f}", mean(runs, "carbon_kg"))});
    }
    print_table(globals, table);
}

Result<int> compare(const Options& options, const Globals& globals) {
    if (options.seeds < 1 || options.seeds > most_seeds) {
        return invalid("usage", fmt::format("--seeds {}; expected how many, 1 to {}", options.seeds,
                                            most_seeds));
    }
    const auto policies = TRY(named_policies(options.policies));
    const SimInput input = TRY(read_sim_input(options.files));
    const std::vector<PolicyRuns> all = run_all(input, policies, options.seeds);
    if (!options.html.empty()) {
        TRY(replace_small_file(
            options.html,
            compare_page({.world = options.files.world, .trace = options.files.trace}, all)));
    }
    if (is_structured(globals)) {
        print_lists(all);
    } else {
        print_means(globals, all);
    }
    return 0;
}

}  // namespace

Verb sim_compare_verb() {
    const auto options = std::make_shared<Options>();
    std::vector<Option> taken = sim_file_options(options->files);
    taken.push_back(
        {"--policies", &options->policies, "names between commas (all that there are)"});
    taken.push_back({"--seeds", &options->seeds, "how many, from seed 0, the trace as it is (3)"});
    taken.push_back({"--html", &options->html, "a page to write, with plots"});
    return {
        .name = "sim compare",
        .help = "Replay a trace under several policies and seeds, and show them side by side",
        .options = std::move(taken),
        .run = [options](const Globals& globals) { return compare(*options, globals); },
        .detail =
            "Each seed other than 0 moves the arrivals by chance, as the world file says how "
            "far: what differs between policies no more than between seeds says little. The "
            "table has means over the seeds; -o json has each figure as a list by seed.",
        .examples = {"dayu sim compare --world examples/worlds/cpu-cluster.yaml --trace "
                     "swf/wagap-2013.swf --format swf --policies least-cost,spread --seeds 3 "
                     "--html compare.html"},
    };
}

}  // namespace dayu::app
