// Why a job that waits is not even in the queue: nothing that a scheduler could tell.
#pragma once

#include <optional>
#include <string>

#include "control/state.h"
#include "model/offer.h"

namespace dayu::control {

struct Waiting {
    Reason reason = Reason::none;
    std::string text;  // one sentence for people
};

// Nothing for a job that is queued, placed or over.
std::optional<Waiting> why_not_queued(const State& state, JobId job);

}  // namespace dayu::control
