// The core's two functions. handle() decides and changes nothing; apply() changes State and decides
// nothing. Replay is apply() alone.
#pragma once

#include <vector>

#include "base/result.h"
#include "control/command.h"
#include "control/event.h"
#include "control/nodes.h"
#include "control/state.h"

namespace dayu::control {

using Events = std::vector<Event>;

// The events that the command brings about, or why it is refused. None is a good answer too: a repeat
// changes nothing.
Result<Events> handle(const State& state, const Command& command, const Actor& actor, Time now);

void apply(State& state, const RecordedEvent& recorded);

// Gives the events their place in the journal and applies them: live, this is the way into State.
std::vector<RecordedEvent> record(State& state, Events events, const Actor& actor, Time now,
                                  const NodeRule& node_rule = {});

// Whether JudgeOutage would change something. The limits are in handlers/outages.cpp.
bool is_outage_due(const CenterRow& row, Time now);

// The job that a submit with this key was answered with, while the key is remembered.
std::optional<JobId> stored_answer(const State& state, std::string_view idempotency_key);
bool is_same_request(const State& state, const SubmitJob& command);  // as the stored answer's

// What to tell the agent of these centres now: pure, and made after the commit. Bodies are left empty
// (the runtime fills them in), and so are log requests.
SyncReply sync_reply(const State& state, const SyncRequest& request);

}  // namespace dayu::control
