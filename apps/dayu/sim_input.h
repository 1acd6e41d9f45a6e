// What `dayu sim run` and `dayu sim compare` are given: a world, a trace and the names of policies.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "dayu/verb.h"
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

// "" is the first: the one that a server takes by itself.
Result<const sched::Policy*> named_policy(const std::string& name);

}  // namespace dayu::app
