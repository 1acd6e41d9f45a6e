// The agent's whole logic as one pure function: an input and the time go in, what is to be done comes
// out. Its driver (driver.h) does that with real sockets and processes, the virtual world with
// pretended ones, and neither decides anything.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "model/agent_messages.h"

namespace dayu::agent {

// Inputs: what happened.
struct Tick {};  // time passed
struct Replied {
    std::uint64_t number = 0;
    SyncReply reply;
};  // the answer to request `number`
struct SyncFailed {
    std::uint64_t number = 0;
};  // no answer, or a refusal
struct Observed {
    std::vector<Observation> observations;
};  // all that the engines hold
struct StartFailed {
    Token token;
    std::string detail;
};  // the engine refused to claim it
struct LogRead {
    LogChunk chunk;
};
using Input = std::variant<Tick, Replied, SyncFailed, Observed, StartFailed, LogRead>;

// Outputs: what to do, in this order.
struct SendSync {
    SyncRequest request;
};
struct StartAttempt {
    StartOrder order;
};
struct StopAttempt {
    StopOrder order;
};
struct FindOrClaim {
    Token token;
};  // an inquiry: see SyncReply
struct Acknowledge {
    Token token;
    Time windows_to;
};  // metering windows are on record
struct SettleAttempt {
    Token token;
};
struct ReadLog {
    LogRequest request;
};
struct RenewContact {
    Duration ago;
};  // the server answered what was sent that long ago
using Output = std::variant<SendSync, StartAttempt, StopAttempt, FindOrClaim, Acknowledge,
                            SettleAttempt, ReadLog, RenewContact>;

struct Identity {
    std::string agent;
    std::string installation;
    std::uint64_t incarnation = 0;
    std::vector<Center> centers;
};

struct State {
    Identity identity;
    std::uint64_t last_number = 0;             // of the last request sent
    std::optional<std::uint64_t> outstanding;  // the request that waits for its answer
    Instant sent;                              // when that was
    Instant lease_until;                       // starts are allowed before this
    Instant next_sync;                         // not before this, after a failure
    std::int64_t failures = 0;                 // in a row: backs off
    bool observed = false;                     // the engines were asked since this process began
    std::map<Token, Observation> holding;      // latest word on each attempt not yet settled
    std::set<Token> unreported;                // of those, changed since the server last confirmed
    std::set<Token> in_flight;                 // reported by the outstanding request
    std::vector<LogChunk> log_chunks;          // to be sent with the next request
};

std::vector<Output> step(State& state, const Input& input, Instant now);

}  // namespace dayu::agent
