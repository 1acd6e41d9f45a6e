// Where those who reach into a job's place meet the agent that lets them in. Neither can call the other:
// both dial this server, and a session here holds one bounded pipe of bytes each way. Both ends count
// bytes: what is written says at which offset it begins, and what is read says from which offset on, which
// acknowledges all before it. So a request that was lost, or doubled, is simply made again.
//
// A full pipe holds back the answer to who writes, and an empty one to who reads: back-pressure and
// wake-up are the same few lines, and a key stroke waits for nothing.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/responder.h"
#include "model/reach.h"
#include "rest/pump.h"

namespace dayu::rest {

inline constexpr std::size_t max_reach_sessions = 128;
inline constexpr std::size_t max_reach_sessions_a_job = 16;
inline constexpr std::size_t reach_pipe_bytes = 1 << 20;
inline constexpr std::size_t reach_chunk_bytes = 512 * 1024;
inline constexpr Duration reach_poll = seconds(20);      // the longest an answer is held back
inline constexpr Duration reach_patience = seconds(20);  // for the agent to come at first
inline constexpr Duration reach_silence = seconds(60);   // of either end: it has gone
inline constexpr Duration reach_idle = seconds(8 * 3600);
inline constexpr Duration reach_longest = seconds(24 * 3600);
inline constexpr Duration reach_linger = seconds(30);  // for the last bytes to be read

enum class ReachEnd : std::uint8_t { asker, agent };

class ReachDesk : public Follower {
   public:
    struct Opening {
        ReachOrder order;  // the session is named here
        std::uint64_t job = 0;
        std::string installation;
    };
    // The session's name. The agent hears of it at once.
    Result<std::string> open(Opening opening);

    // The orders for that installation, when there are some.
    void poll(const std::string& installation, Duration wait, const http::Responder& responder);

    struct Write {
        std::string session;
        ReachEnd from = ReachEnd::asker;
        std::int64_t offset = 0;
        std::string bytes;
        bool ends = false;
    };
    // Answers {"next": OFFSET} when at least one byte was taken.
    void write(Write what, const http::Responder& responder);

    struct Read {
        std::string session;
        ReachEnd to = ReachEnd::asker;
        std::int64_t offset = 0;
        Duration wait;
    };
    void read(const Read& what, const http::Responder& responder);

    void close(const std::string& session);
    void close_all();

    void take(std::span<const journal::RenderedEntry>) override {}
    void tick(Instant now) override;

   private:
    struct ParkedRead {
        std::int64_t offset = 0;
        Instant deadline;
        http::Responder responder;
    };
    struct ParkedWrite {
        std::int64_t offset = 0;
        std::string bytes;
        bool ends = false;
        Instant deadline;
        http::Responder responder;
    };
    struct Pipe {
        std::int64_t begin = 0;
        std::string bytes;  // from `begin` on
        bool ended = false;
        std::optional<Error> reason;  // why it ended before its time
        std::optional<ParkedRead> reader;
        std::optional<ParkedWrite> writer;

        std::int64_t tail() const { return begin + static_cast<std::int64_t>(bytes.size()); }
        bool put(ParkedWrite& write);  // true: something was taken, or there was nothing new
        bool give(ParkedRead& read);   // true: answered
        void serve();                  // whoever waits, as far as possible
        void expire(Instant now);
        void end();
    };
    struct Session {
        ReachOrder order;
        std::uint64_t job = 0;
        std::string installation;
        Pipe to_agent;
        Pipe to_asker;
        Instant opened;
        Instant moved;  // a byte, last
        Instant heard_asker;
        Instant heard_agent;
        bool met = false;  // the agent came
        std::optional<Instant> closed;
    };
    struct Poll {
        Instant deadline;
        http::Responder responder;
    };

    Session* find(const std::string& name, ReachEnd who, const http::Responder& responder);
    static void fail(Session& session, const Error& error, Instant now);
    static void finish(Session& session, Instant now);
    static std::optional<Error> reason_to_end(const Session& session, Instant now);

    std::mutex mutex_;
    std::map<std::string, Session> sessions_;
    std::map<std::string, Poll> polls_;  // by installation
    std::map<std::string, std::vector<std::string>>
        unasked_;  // sessions the agent has not heard of
};

}  // namespace dayu::rest
