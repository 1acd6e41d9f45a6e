// dayu sim pack: how full a fleet gets when requests arrive one at a time, by the policy that packs them.
#include <array>
#include <charconv>
#include <memory>

#include <fmt/core.h>

#include "dayu/figures.h"
#include "dayu/output.h"
#include "dayu/traces.h"
#include "dayu/verbs.h"
#include "sched/packing.h"
#include "sim/pack.h"

namespace dayu::app {
namespace {

constexpr std::array<std::size_t, 8> shown_loads{25, 50, 75, 90, 95, 100, 110, 130};

struct Options {
    sim::PackQuestion question;
    std::string load = "1.3";
    std::int64_t seed = 42;
};

Result<double> load_of(const std::string& text) {
    double load = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, failure] = std::from_chars(text.data(), end, load);
    if (failure != std::errc() || stopped != end)
        return invalid("usage", fmt::format("--load {} is no number such as 1.3", text));
    return load;
}

std::vector<Figure> figures_of(const sim::PackAnswer& answer) {
    std::vector<Figure> figures{{"policy", answer.policy},
                                {"allocation_pct", answer.allocation_pct},
                                {"frag_ratio_pct", answer.frag_ratio_pct}};
    if (answer.lp_bound_pct) figures.push_back({"lp_bound_pct", *answer.lp_bound_pct});
    figures.push_back({"packed", answer.packed});
    figures.push_back({"lost", answer.lost});
    figures.push_back({"wall_s", answer.wall_s});
    return figures;
}

void print_curves(const Globals& globals, const sim::PackAnswer& answer) {
    using Kind = Column::Kind;
    Table table(
        {{"LOAD%", Kind::number}, {"ALLOCATED%", Kind::number}, {"FRAGMENTED%", Kind::number}});
    for (const std::size_t load : shown_loads) {
        if (load >= answer.allocation_pct.size()) continue;
        table.add({std::to_string(load), fmt::format("{:.2f}", answer.allocation_pct[load]),
                   fmt::format("{:.2f}", answer.frag_ratio_pct[load])});
    }
    print_table(globals, table);
    if (answer.lp_bound_pct)
        remark(
            fmt::format("nobody could allocate more than {:.2f} % at 100", *answer.lp_bound_pct));
    remark(fmt::format("{}: {} packed, {} lost, in {:.2f} s", answer.policy, answer.packed,
                       answer.lost, answer.wall_s));
}

Result<int> run_pack(const Options& options, const Globals& globals) {
    sim::PackQuestion question = options.question;
    question.load = TRY(load_of(options.load));
    question.nodes = find_trace(question.nodes);
    question.pods = find_trace(question.pods);
    if (question.popularity != "list" && question.popularity != "learned")
        question.popularity = find_trace(question.popularity);
    if (options.seed < 0)
        return invalid("usage", fmt::format("--seed {}; expected 0 or more", options.seed));
    question.seed = static_cast<std::uint64_t>(options.seed);
    const sim::PackAnswer answer = TRY(sim::pack(question));
    if (is_structured(globals)) {
        print_figures(globals, figures_of(answer));
    } else {
        print_curves(globals, answer);
    }
    return 0;
}

}  // namespace

Verb sim_pack_verb() {
    const auto options = std::make_shared<Options>();
    sim::PackQuestion& question = options->question;
    return {
        .name = "sim pack",
        .help = "Replay requests for GPUs and parts of them on a fleet, and show how full it gets",
        .options =
            {{"--nodes", &question.nodes,
              "CSV: sn, cpu_milli, memory_mib, gpu, model; also below DAYU_TRACES", true},
             {"--pods", &question.pods,
              "CSV: name, cpu_milli, memory_mib, num_gpu, gpu_milli; with or without gpu_spec, "
              "creation_time and deletion_time; also below DAYU_TRACES",
              true},
             {"--policy", &question.policy, "who packs (prospect)", false,
              words_of(sched::packing_policy_names())},
             {"--popularity", &question.popularity,
              "what the policy knows of what will come: `list` (all of it, the default), "
              "`learned` from what has arrived, or the pods of another FILE"},
             {"--departures", &question.departures, "pods leave after their lifetime in the list"},
             {"--bound", &question.bound,
              "tell what nobody could exceed at 100, by a linear programme"},
             {"--seed", &options->seed, "of the order, and of whom ties go to (42)"},
             {"--load", &options->load, "asked for at the end, of all GPUs (1.3)"}},
        .run = [options](const Globals& globals) { return run_pack(*options, globals); },
        .detail =
            "Pods arrive one at a time, in a drawn order, until they have asked for LOAD times all "
            "GPUs. One that fits nowhere is lost. ALLOCATED is how much of all GPUs is in use once "
            "so much was asked for; FRAGMENTED is how much of the idle rest typical pods cannot "
            "use. "
            "With --departures pods are drawn evenly over an hour, and LOAD is what those present "
            "ask for. The files of the published experiment are those of Alibaba's cluster trace "
            "gpu-v2023.",
        .examples = {"dayu sim pack --nodes openb/openb_node_list_gpu_node.csv --pods "
                     "openb/openb_pod_list_default.csv --seed 42 -o json"},
    };
}

}  // namespace dayu::app
