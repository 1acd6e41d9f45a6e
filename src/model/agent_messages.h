// One sync is one round trip between an agent and its Dayu: up go the centres it speaks for, every
// attempt it holds and what it saw of them; down come the lease, orders and what may be forgotten.
// Both sides send their whole view, so that a lost, doubled or late message does no harm.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"
#include "model/attempt.h"
#include "model/center.h"
#include "model/health.h"
#include "model/job.h"

namespace dayu {

// What an engine says of one attempt. Repeating one is harmless.
struct Observation {
    Token token;
    AttemptState state = AttemptState::dispatching;
    Time at;                           // the engine's clock
    std::vector<UsageWindow> windows;  // closed since the last acknowledged report
    std::optional<Ending> ending;      // with state ended

    bool operator==(const Observation&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"token", &Observation::token}, Field{"state", &Observation::state},
                          Field{"at", &Observation::at}, Field{"windows", &Observation::windows},
                          Field{"ending", &Observation::ending});
    }
};

// Start this attempt, unless its token was claimed before.
struct StartOrder {
    Token token;
    AttemptKey attempt;
    std::string center;
    std::string pool;
    std::string job_name;
    JobSpec spec;            // of the variant that was placed
    VariantIndex variant{};  // for whoever fills in the body
    std::vector<NodeShare> nodes;
    BodyRef body_ref;
    JobBody body;                                  // of that variant
    std::map<std::string, std::string> secrets{};  // values by name: for the attempt alone
    std::optional<Token> resume_from;  // the attempt whose checkpoint this one continues
    JobId array;                       // that the job is a task of; 0: none
    std::int64_t array_index = 0;
    std::int64_t array_tasks = 0;

    bool operator==(const StartOrder&) const = default;
    static constexpr auto fields() {
        return field_list(
            Field{"token", &StartOrder::token}, Field{"attempt", &StartOrder::attempt},
            Field{"center", &StartOrder::center}, Field{"pool", &StartOrder::pool},
            Field{"job_name", &StartOrder::job_name}, Field{"spec", &StartOrder::spec},
            Field{"variant", &StartOrder::variant}, Field{"nodes", &StartOrder::nodes},
            Field{"body_ref", &StartOrder::body_ref}, Field{"body", &StartOrder::body},
            Field{"secrets", &StartOrder::secrets}, Field{"resume_from", &StartOrder::resume_from},
            Field{"array", &StartOrder::array}, Field{"array_index", &StartOrder::array_index},
            Field{"array_tasks", &StartOrder::array_tasks});
    }
};

// Stop this attempt: the checkpoint's signal, and KILL after the grace.
struct StopOrder {
    Token token;
    EndCause cause = EndCause::cancelled;
    std::string signal = "TERM";
    Duration grace;

    bool operator==(const StopOrder&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"token", &StopOrder::token}, Field{"cause", &StopOrder::cause},
                          Field{"signal", &StopOrder::signal},
                          Field{"grace_ms", &StopOrder::grace});
    }
};

// Bytes of an attempt's output, asked for by someone who reads its log.
struct LogRequest {
    std::uint64_t id = 0;  // of the asker; the chunk returns it
    Token token;
    std::int64_t node = 0;
    std::int64_t offset = 0;  // negative: that many bytes before the end
    std::int64_t limit = 0;

    bool operator==(const LogRequest&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"id", &LogRequest::id}, Field{"token", &LogRequest::token},
                          Field{"node", &LogRequest::node}, Field{"offset", &LogRequest::offset},
                          Field{"limit", &LogRequest::limit});
    }
};

struct LogChunk {
    std::uint64_t id = 0;
    std::int64_t offset = 0;  // of the first byte
    std::string base64;       // the bytes: a program's output need not be UTF-8
    bool at_end = false;      // nothing more now
    bool complete = false;    // nothing more ever: the attempt has ended
    std::string error;        // "" or why there is no chunk

    bool operator==(const LogChunk&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"id", &LogChunk::id}, Field{"offset", &LogChunk::offset},
                          Field{"base64", &LogChunk::base64}, Field{"at_end", &LogChunk::at_end},
                          Field{"complete", &LogChunk::complete}, Field{"error", &LogChunk::error});
    }
};

struct SyncRequest {
    std::string agent;         // its configured name
    std::string installation;  // random, kept where its claims are: who may start what hangs on it
    std::uint64_t incarnation = 0;  // counts the starts of this installation, durably
    std::uint64_t number = 0;       // counts the requests of this incarnation, from 1
    std::vector<Center> centers;
    std::vector<Token> holding;   // every attempt not yet settled
    std::vector<Token> stopping;  // of those, with a stop under way: it need not be ordered again
    std::vector<Observation> observations;
    std::vector<LogChunk> log_chunks;
    Duration wait;  // how long the answer may be held back while there is nothing to say
    std::optional<AgentHealth> health{};  // none: an older agent

    bool operator==(const SyncRequest&) const = default;
    static constexpr auto fields() {
        return field_list(
            Field{"agent", &SyncRequest::agent}, Field{"installation", &SyncRequest::installation},
            Field{"incarnation", &SyncRequest::incarnation}, Field{"number", &SyncRequest::number},
            Field{"centers", &SyncRequest::centers}, Field{"holding", &SyncRequest::holding},
            Field{"stopping", &SyncRequest::stopping},
            Field{"observations", &SyncRequest::observations},
            Field{"log_chunks", &SyncRequest::log_chunks}, Field{"wait_ms", &SyncRequest::wait},
            Field{"health", &SyncRequest::health});
    }
};

struct SyncReply {
    Duration lease;  // the right to start, counted from when the request was sent
    std::vector<StartOrder> starts;
    std::vector<StopOrder> stops;
    std::vector<Token> settled;  // their end is on record: forget them
    std::vector<Token>
        inquiries;  // believed to run there, but not held: find it, or claim its token
                    // so that it can never start, and report it ended
    std::vector<LogRequest> log_requests;
    Time received{};  // when the request came in, by the server's clock; 0: an older server
    Time sent{};      // and when the answer went out

    bool operator==(const SyncReply&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"lease_ms", &SyncReply::lease}, Field{"starts", &SyncReply::starts},
                          Field{"stops", &SyncReply::stops}, Field{"settled", &SyncReply::settled},
                          Field{"inquiries", &SyncReply::inquiries},
                          Field{"log_requests", &SyncReply::log_requests},
                          Field{"received", &SyncReply::received}, Field{"sent", &SyncReply::sent});
    }
};

}  // namespace dayu
