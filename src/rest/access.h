// Who calls, and what they may: a bearer token's SHA-256 is looked up, its role opens routes by the table
// below, which docs/operate/tokens.md shows to people.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "control/command.h"
#include "http/message.h"
#include "rest/metrics.h"
#include "rest/registry.h"

namespace dayu::rest {

inline constexpr std::size_t max_identities_counted = 1000;  // a minute

// What a route takes.
enum class Needs : std::uint8_t {
    read,      // what there is and what happens, but for what follows
    read_job,  // what a job wrote and was given: its log, outputs and body
    submit,    // new jobs, secrets, and sessions that were opened
    change_job,
    operate,  // centres, queues, datasets, hooks and tokens
    agent,    // what an agent says and hears
};

// `own`: of jobs that a token of this name submitted.
enum class Grant : std::uint8_t { no, own, yes };

// Rows by Role, columns by Needs.
inline constexpr std::array<std::array<Grant, 6>, 4> grants{{
    // read       read_job    submit      change_job  operate     agent
    {Grant::yes, Grant::yes, Grant::yes, Grant::yes, Grant::yes, Grant::no},  // operator
    {Grant::no, Grant::no, Grant::no, Grant::no, Grant::no, Grant::yes},      // agent
    {Grant::yes, Grant::own, Grant::yes, Grant::own, Grant::no, Grant::no},   // user
    {Grant::yes, Grant::yes, Grant::no, Grant::no, Grant::no, Grant::no},     // viewer
}};
constexpr Grant grant_of(control::Role role, Needs needs) {
    return grants[static_cast<std::size_t>(role)][static_cast<std::size_t>(needs)];
}

struct Caller {
    control::Actor actor;
    control::Role role = control::Role::operator_;
    std::string token;                 // its SHA-256 in hex
    std::vector<std::string> centers;  // that an agent may speak for; empty: all
};

// `token_missing`, `token_unknown` or `token_expired`.
Result<Caller> identify(const Known& known, const http::Request& request, Time now);

// `role_forbidden`, which says what the role is for.
Error role_forbidden(control::Role role, Needs needs);

// When each token was last used, since this server has started: too much to be journaled.
class TokenUse {
   public:
    void note(const std::string& token, Time now);
    Time last(const std::string& token) const;  // 0: never

   private:
    mutable std::mutex mutex_;
    std::map<std::string, Time> last_;  // of tokens that are known: no more than there ever were
};

// What an unidentified caller gets: 401, and how to do better.
http::Response unauthorized(const Error& error);

// Refused requests are counted per identity and minute, and logged as one line: were each of them
// written down, an attacker would fill our disk.
class Refusals : public Follower {
   public:
    explicit Refusals(Metrics& metrics) : metrics_(metrics) {}

    void count(const std::string& identity, const Error& error);

    void take(std::span<const journal::RenderedEntry>) override {}
    void tick(Instant now) override;

   private:
    struct Row {
        std::uint64_t requests = 0;
        std::string last_code;
    };
    Metrics& metrics_;
    std::mutex mutex_;
    std::map<std::string, Row> rows_;
    std::uint64_t uncounted_ = 0;
    Instant next_;
};

}  // namespace dayu::rest
