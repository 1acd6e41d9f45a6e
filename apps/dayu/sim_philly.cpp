// dayu sim philly: a queue of real jobs on one pool of GPUs, by the policy that orders it.
#include <chrono>
#include <memory>

#include <fmt/core.h>

#include "dayu/figures.h"
#include "dayu/output.h"
#include "dayu/traces.h"
#include "dayu/verbs.h"
#include "sim/philly.h"

namespace dayu::app {
namespace {

struct Options {
    std::string trace;
    std::string policy{sched::ordering_policy_names().front()};
    sim::PooledSetting setting{.chips = 512};
    std::int64_t longest_wait_s = sched::OrderingSetting{}.longest_wait_s;
};

Result<void> check(const Options& options) {
    const sim::PooledSetting& setting = options.setting;
    if (setting.chips < 1)
        return invalid("usage", fmt::format("--gpus {}; a pool has at least 1", setting.chips));
    if (setting.chips_a_node < 0) {
        return invalid("usage", fmt::format("--nodes-of {}; expected GPUs of a node, or 0",
                                            setting.chips_a_node));
    }
    if (setting.preempt_cost_s < 0) {
        return invalid("usage", fmt::format("--preempt-cost-s {}; expected seconds, at least 0",
                                            setting.preempt_cost_s));
    }
    if (options.longest_wait_s < 0) {
        return invalid("usage", fmt::format("--longest-wait-s {}; expected seconds, at least 0",
                                            options.longest_wait_s));
    }
    return {};
}

Result<int> replay(const Options& options, const Globals& globals) {
    const auto began = std::chrono::steady_clock::now();
    const sim::PooledSetting& setting = options.setting;
    TRY(check(options));
    const auto policy = TRY(
        sched::make_ordering_policy(options.policy, {.chips = setting.chips,
                                                     .preempt_cost_s = setting.preempt_cost_s,
                                                     .longest_wait_s = options.longest_wait_s}));
    const auto jobs = TRY(sim::read_philly(find_trace(options.trace)));
    const sim::PooledReport report = TRY(sim::replay_pooled(jobs, setting, *policy));
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;
    if (is_structured(globals)) {
        print_figures(globals, {{"policy", options.policy},
                                {"jobs", static_cast<std::int64_t>(jobs.size())},
                                {"jct_mean_s", report.jct_mean_s},
                                {"wait_p999_s", report.wait_p999_s},
                                {"preemptions", report.preemptions},
                                {"moves", report.moves},
                                {"wall_s", wall.count()}});
        return 0;
    }
    using Kind = Column::Kind;
    Table table({{"POLICY"},
                 {"JOBS", Kind::number},
                 {"MEAN JCT S", Kind::number},
                 {"P99.9 WAIT H", Kind::number},
                 {"PREEMPTIONS", Kind::number},
                 {"MOVES", Kind::number},
                 {"WALL S", Kind::number}});
    table.add({options.policy, std::to_string(jobs.size()),
               fmt::format("{:.1f}", report.jct_mean_s),
               fmt::format("{:.1f}", static_cast<double>(report.wait_p999_s) / 3600),
               std::to_string(report.preemptions), std::to_string(report.moves),
               fmt::format("{:.2f}", wall.count())});
    print_table(globals, table);
    return 0;
}

}  // namespace

Verb sim_philly_verb() {
    const auto options = std::make_shared<Options>();
    sim::PooledSetting& setting = options->setting;
    return {
        .name = "sim philly",
        .help = "Replay a queue of jobs on one pool of GPUs, and show how long they took",
        .options = {{"--trace", &options->trace,
                     "CSV: timestamp, duration, num_gpus, cluster; also below DAYU_TRACES", true},
                    {"--gpus", &setting.chips, "of the pool (512)"},
                    {"--nodes-of", &setting.chips_a_node,
                     "GPUs of a node, which jobs fill whole or share; 0: any GPUs will do (0)"},
                    {"--preempt-cost-s", &setting.preempt_cost_s,
                     "work done again by a job that is stopped or moved (0)"},
                    {"--longest-wait-s", &options->longest_wait_s,
                     "who has waited so long goes before all others, by a policy that is bounded "
                     "(60 days)"},
                    {"--policy", &options->policy, "who orders (the first)", false,
                     words_of(sched::ordering_policy_names())}},
        .run = [options](const Globals& globals) { return replay(*options, globals); },
        .detail =
            "All jobs of the trace share the pool. A wait is the time from arrival to end without "
            "the duration; 999 of 1,000 waited no longer than P99.9. sjf, srtf and oracle know how "
            "long each job will take, which nobody does: they are there to compare with. The trace "
            "of the published figures is that of Microsoft's Philly cluster.",
        .examples = {"dayu sim philly --trace philly/philly.csv --gpus 512 -o json",
                     "dayu sim philly --trace philly/philly.csv --gpus 512 --nodes-of 8 "
                     "--preempt-cost-s 60 --policy srtf"},
    };
}

}  // namespace dayu::app
