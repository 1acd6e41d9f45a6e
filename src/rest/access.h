// Who calls, and what they may: a bearer token's SHA-256 is looked up, its role opens routes.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "base/result.h"
#include "control/command.h"
#include "http/message.h"
#include "rest/metrics.h"
#include "rest/registry.h"

namespace dayu::rest {

inline constexpr std::size_t max_identities_counted = 1000;  // a minute

struct Caller {
    control::Actor actor;
    control::Role role = control::Role::operator_;
};

// `token_missing` or `token_unknown`.
Result<Caller> identify(const Known& known, const http::Request& request);

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
