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

// Time passed.
struct Tick {};
// The answer to request `number`.
struct Replied {
    std::uint64_t number = 0;
    SyncReply reply;
};
// No answer to request `number`, or a refusal.
struct SyncFailed {
    std::uint64_t number = 0;
};
// All that the engines hold: every attempt not yet settled, with its windows not yet acknowledged.
struct Observed {
    std::vector<Observation> observations;
};
// The engine could not claim the token.
struct StartFailed {
    Token token;
    std::string center;
    std::string why{};
};
// The workdir of an attempt is on its way, is where the attempt will start, or cannot be brought there.
struct StagingBegan {
    Token token;
    Time at;
};
struct Staged {
    Token token;
};
struct StagingFailed {
    Token token;
    std::string why;
};
// The engine could not pass the stop on: it is to be ordered again.
struct StopFailed {
    Token token;
};
// The engine could not clean up: it will report the attempt again, to be settled again.
struct SettleFailed {
    Token token;
};
struct LogRead {
    LogChunk chunk;
};
using Input = std::variant<Tick, Replied, SyncFailed, Observed, StartFailed, StopFailed,
                           SettleFailed, LogRead, StagingBegan, Staged, StagingFailed>;

// Outputs: what to do, in this order.

struct SendSync {
    SyncRequest request;
};
// The request `number` is a long poll that has news to overtake it: its answer is of no interest.
struct AbandonSync {
    std::uint64_t number = 0;
};
struct StartAttempt {
    StartOrder order;
};
// Bring its workdir to where it will start; then, while there is a lease, it starts.
struct StageAttempt {
    StartOrder order;
};
struct AbandonStaging {
    Token token;
};
struct StopAttempt {
    StopOrder order;
};
// An inquiry (see SyncReply): report the attempt if the engine knows it; else claim its token so that it
// can never start, and report it ended.
// A claim elsewhere would end an attempt that may still start there: where its centre is known, it is
// made there alone.
struct FindOrClaim {
    Token token;
    std::string center;  // empty: not known
    std::string why{};   // it never started; empty: nobody knows it here
};
// Metering windows up to then are on record.
struct Acknowledge {
    Token token;
    Time windows_to;
};
struct SettleAttempt {
    Token token;
};
struct ReadLog {
    LogRequest request;
};
// The server answered what was sent that long ago.
struct RenewContact {
    Duration ago;
};
using Output =
    std::variant<SendSync, AbandonSync, StartAttempt, StopAttempt, FindOrClaim, Acknowledge,
                 SettleAttempt, ReadLog, RenewContact, StageAttempt, AbandonStaging>;

struct Identity {
    std::string agent;
    std::string installation;
    std::uint64_t incarnation = 0;
    std::vector<Center> centers;
};

// A request that waits for its answer.
struct Outstanding {
    std::uint64_t number = 0;
    Instant sent;
    bool is_long_poll = false;
    std::map<Token, Time> reported;  // attempts in it, with the end of their last window
};

// A token that the engine could not claim: tried again later, and given up after a few times.
struct Claiming {
    std::int64_t failures = 0;
    Instant again;
};

// Ordered to start, and its workdir is on its way. Nothing of it is claimed.
struct Staging {
    StartOrder order;
    bool is_there = false;  // it waits for a lease alone
};

struct State {
    Identity identity;
    std::uint64_t last_number = 0;
    std::optional<Outstanding> outstanding;
    Instant lease_until;                   // starts are allowed before this
    Instant next_sync;                     // not before this, after a failure
    std::int64_t failures = 0;             // of syncs, in a row
    bool greeted = false;                  // the server has answered this process once
    bool observed = false;                 // the engines were asked once
    std::map<Token, Observation> holding;  // latest word on each attempt not yet settled
    std::set<Token> unreported;  // of those, what the server has not confirmed to have heard
    std::set<Token> stopping;    // of those, with a stop under way
    std::map<Token, Claiming> claiming;
    std::map<Token, Staging> staging;
    std::vector<LogChunk> log_chunks;  // for the next request
};

std::vector<Output> step(State& state, const Input& input, Instant now);

// When step() wants its next Tick at the latest.
Instant next_tick(const State& state, Instant now);

}  // namespace dayu::agent
