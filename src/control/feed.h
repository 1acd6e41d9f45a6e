// Between State and World: events in the World's own words, after a commit, on the State that followed; and what a
// round decided as commands.
#pragma once

#include <vector>

#include "control/command.h"
#include "control/event.h"
#include "control/state.h"
#include "sched/decide.h"
#include "sched/world.h"

namespace dayu::control {

// `before` is not at hand: a fed event must say enough, together with the State after its whole batch.
void feed(sched::World& world, const State& after, const RecordedEvent& recorded);
sched::World build_world(const State& state);

// In the order in which they are to be handled: claims that are over give their nodes back first.
std::vector<Command> commands_of(sched::Decisions decisions, const State& state, Time now);

}  // namespace dayu::control
