// For tests: a small history in which every event happens at least once, from the founding to two jobs
// that have ended and one that still runs. The golden journals are made of it.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "control/event.h"
#include "control/state.h"
#include "journal/journal.h"

namespace dayu::journal::testing {

std::vector<control::RecordedEvent> story();

// The State that the first `count` events of it lead to.
control::State state_after(std::span<const control::RecordedEvent> events);

// Appends the events, `batch` at a time, as a server would; fails the test when it cannot.
void append_all(Journal& journal, std::span<const control::RecordedEvent> events,
                std::size_t batch = 1'000);

// One more job of shape 1, whose acceptance is entry `seq`.
control::RecordedEvent accepted(Seq seq, JobId job);

}  // namespace dayu::journal::testing
