// What runs jobs at a centre. An adapter is thin: translate, call, translate back. It keeps no memory
// of its own that matters: all that it must know after a crash lies where the engine keeps it, under
// the attempt's fencing token. docs/checklist/add-an-engine.md walks through one.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/agent_messages.h"
#include "model/reach.h"
#include "model/workdir.h"

namespace dayu::engine {

// A program that was started in an attempt's place, and the streams to it. It ends with this object at
// the latest. One thread may write while another reads.
class Reached {
   public:
    virtual ~Reached() = default;

    // Descriptors that do not block; -1 where there is none. A terminal has one for in- and output.
    virtual int input() const = 0;
    virtual int output() const = 0;
    virtual int errors() const = 0;
    virtual void close_input() = 0;
    virtual void resize(std::int64_t rows, std::int64_t columns) = 0;
    // Its exit code, 128 + signal where one ended it; nothing while it still runs.
    virtual std::optional<int> poll_exit() = 0;
};

// A job's workdir on its way into a place: whoever has the contents gives them out one by one.
class WorkdirSource {
   public:
    virtual ~WorkdirSource() = default;

    // Sound, as validate() of it says.
    virtual const Manifest& manifest() const = 0;
    // The path of a file with the entry's content, which stays there until the next call.
    virtual Result<std::string> fetch(const WorkdirEntry& entry) = 0;
    // What it gave for this entry does not have the entry's SHA-256: it is to be fetched anew.
    virtual void spoilt(const WorkdirEntry& entry) = 0;
    // Nobody waits for it any more.
    virtual bool is_abandoned() const = 0;
};

class Engine {
   public:
    virtual ~Engine() = default;

    virtual EngineFacts facts() const = 0;

    // Starts the attempt, at most once for its token for ever, however often it is called: the token is
    // claimed durably before anything runs. Ok means claimed, now or earlier; how it went on is observed.
    virtual Result<void> start(const StartOrder& order) = 0;

    // Puts the order's workdir where start() will find it. Called beside the others, before start(), and
    // again after whatever ended it; it may take long. `unavailable` is worth another try.
    virtual Result<void> stage(const StartOrder& order, WorkdirSource&) {
        return invalid("workdir_unsupported", "engine \"" + facts().kind + "\" of centre \"" +
                                                  order.center +
                                                  "\" cannot take a workdir along yet");
    }

    // For a token that was never claimed: claims it so that it never starts, and reports it ended
    // (start_failed) for that reason.
    virtual Result<void> refuse(const Token& token, const std::string& why) {
        StopOrder claim;
        claim.token = token;
        claim.cause = EndCause::start_failed;
        static_cast<void>(why);  // an engine that has room for it says it
        return stop(claim);
    }

    // Asks a running attempt to end. For a token that was never claimed it claims it, so that a late
    // order can not start it, and the next observation reports it ended (start_failed, never started).
    virtual Result<void> stop(const StopOrder& order) = 0;

    // Every attempt that this engine holds and that is not settled. Windows that were reported and
    // acknowledged are named by `reported`: the end of the last one of a token.
    virtual Result<std::vector<Observation>> observe() = 0;

    // Windows of this attempt up to `to` are on record.
    virtual void acknowledge(const Token& token, Time to) = 0;

    // The end is on record: the engine may clean up, and never reports this token again.
    virtual Result<void> settle(const Token& token) = 0;

    virtual LogChunk read_log(const LogRequest& request) = 0;

    // Starts a command in a running attempt's place (its directory, environment, user and limits), or
    // the server of its files, for ended attempts too as long as they are kept. Called beside the others.
    virtual Result<std::unique_ptr<Reached>> reach(const ReachOrder& order) {
        return unavailable("reach_unsupported", "engine \"" + facts().kind + "\" of centre \"" +
                                                    order.center +
                                                    "\" cannot reach into a job's place yet");
    }

    // The agent is in contact: attempts whose job says move_after end themselves that long after
    // the last call (which lies `ago` back). Engines that cannot fence themselves ignore it.
    virtual void renew_contact(Duration ago) = 0;
};

}  // namespace dayu::engine
