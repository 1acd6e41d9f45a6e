#include "dayu/sim_input.h"

#include <fmt/core.h>

#include "base/nearest.h"
#include "dayu/first_start.h"
#include "dayu/small_file.h"
#include "dayu/traces.h"
#include "sched/policy.h"
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

Result<const sched::Policy*> named_policy(const std::string& name) {
    const std::vector<std::string_view> known = sched::policy_names();
    if (name.empty()) return sched::find_policy(known.front());
    if (const sched::Policy* policy = sched::find_policy(name)) return policy;
    std::string words;
    for (const std::string_view word : known) words.append(words.empty() ? "" : ", ").append(word);
    const std::string_view meant = nearest(name, known);
    return invalid("policy_unknown",
                   fmt::format("policy \"{}\" is not one of {}{}", name, words,
                               meant.empty() ? "" : fmt::format("; did you mean {}?", meant)));
}

}  // namespace dayu::app
