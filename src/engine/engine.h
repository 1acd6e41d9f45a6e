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

class Engine {
   public:
    virtual ~Engine() = default;

    virtual EngineFacts facts() const = 0;

    // Starts the attempt, at most once for its token for ever, however often it is called: the token is
    // claimed durably before anything runs. Ok means claimed, now or earlier; how it went on is observed.
    virtual Result<void> start(const StartOrder& order) = 0;

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
