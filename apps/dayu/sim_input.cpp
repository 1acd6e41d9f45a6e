#include "dayu/sim_input.h"

#include "dayu/first_start.h"
#include "dayu/small_file.h"
#include "dayu/traces.h"
#include "sched/policy_name.h"
#include "sim/changes_file.h"

namespace dayu::app {

std::vector<Option> sim_file_options(SimFiles& files) {
    return {{"--world", &files.world, "YAML: the centres, and what the trace leaves out", true},
            {"--trace", &files.trace, "of jobs; also below DAYU_TRACES", true},
            {"--format", &files.format, "of the trace", true, words_of(sim::trace_formats())},
            {"--chips", &files.chips, "the chip registry (chips.yaml); as dayu server finds it"}};
}

Result<SimInput> read_sim_input(const SimFiles& files) {
    const std::vector<Chip> registry = TRY(read_registry(files.chips));
    const std::string text = TRY(read_small_file(files.world));
    sim::WorldFile world = TRY(sim::parse_world_file(files.world, text, registry));
    TRY(sim::load_series(world.changes.series, find_trace));
    sim::Trace trace =
        TRY(sim::read_trace(find_trace(files.trace), files.format, world.jobs.reading));
    return SimInput{.world = std::move(world), .trace = std::move(trace)};
}

std::vector<std::string_view> sim_policy_names() {
    std::vector<std::string_view> names = sched::policy_names();
    const auto lines = sched::line_rule_names();
    names.insert(names.end(), lines.begin(), lines.end());
    return names;
}

Result<SimPolicy> named_policy(const std::string& name) {
    const std::string_view own = sched::policy_names().front();
    const std::string wanted = name.empty() ? std::string(own) : name;
    if (const sched::Policy* policy = sched::find_policy(wanted))
        return SimPolicy{.name = wanted, .places = policy};
    Result<sched::LineRule> rule = sched::find_line_rule(wanted);
    if (!rule.ok()) return sched::place_of_policy("policy", wanted, sim_policy_names()).error();
    return SimPolicy{.name = wanted, .places = sched::find_policy(own), .line = *std::move(rule)};
}

sim::RunReport replay(const SimInput& input, const SimPolicy& policy, std::int64_t seed) {
    return sim::run(input.world, input.trace,
                    {.policy = *policy.places,
                     .line = policy.line ? &*policy.line : nullptr,
                     .seed = static_cast<std::uint64_t>(seed)});
}

}  // namespace dayu::app
