// Translates events into the World's own words. It runs after a commit, on the State that followed.
#pragma once

#include "control/event.h"
#include "control/state.h"
#include "sched/world.h"

namespace dayu::control {

// `before` is not at hand: a fed event must say enough, together with the State after its whole batch.
void feed(sched::World& world, const State& after, const RecordedEvent& recorded);
sched::World build_world(const State& state);

}  // namespace dayu::control
