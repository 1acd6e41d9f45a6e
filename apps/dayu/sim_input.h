// What `dayu sim run` and `dayu sim compare` are given: a world, a trace and the names of policies.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dayu/verb.h"
#include "sched/line.h"
#include "sched/policy.h"
#include "sim/run.h"

namespace dayu::app {

struct SimFiles {
    std::string world;
    std::string trace;
    std::string format;
    std::string chips;  // the registry's file; empty: as `dayu server` finds it
};

struct SimInput {
    sim::WorldFile world;
    sim::Trace trace;
};

std::vector<Option> sim_file_options(SimFiles& files);
Result<SimInput> read_sim_input(const SimFiles& files);

// Who decides in a replay: a live policy; or a rule of a line, whose jobs the server's own policy gives places.
struct SimPolicy {
    std::string name;
    const sched::Policy* places = nullptr;
    std::optional<sched::LineRule> line{};
};
// All that `--policy` takes. The first is the server's own.
std::vector<std::string_view> sim_policy_names();
// "" is the first.
Result<SimPolicy> named_policy(const std::string& name);

sim::RunReport replay(const SimInput& input, const SimPolicy& policy, std::int64_t seed);

}  // namespace dayu::app
