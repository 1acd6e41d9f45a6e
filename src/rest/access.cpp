#include "rest/access.h"

#include <utility>

#include "base/log.h"
#include "base/sha256.h"
#include "rest/answer.h"

namespace dayu::rest {
namespace {

constexpr Duration count_period = seconds(60);

}  // namespace

Result<Caller> identify(const Known& known, const http::Request& request) {
    const auto token = http::bearer_token(request);
    if (!token) {
        return denied(
            "token_missing",
            "this needs a token, as \"Authorization: Bearer TOKEN\"; `dayu server` prints "
            "where it keeps the first one");
    }
    const auto found = known.tokens.find(to_hex(sha256(*token)));
    if (found == known.tokens.end()) {
        return denied("token_unknown",
                      "this token was never issued by this server; --token, "
                      "DAYU_TOKEN or the token file of --data gives it");
    }
    const control::TokenRow& row = found->second;
    const bool agent = row.role == control::Role::agent;
    return Caller{.actor = {.name = (agent ? "agent:" : "token:") + row.name, .scope = {}},
                  .role = row.role};
}

http::Response unauthorized(const Error& error) {
    http::Response response = refuse(401, error);
    response.headers.push_back({"WWW-Authenticate", "Bearer realm=\"dayu\""});
    return response;
}

void Refusals::count(const std::string& identity, const Error& error) {
    metrics_.count_refusal(error.code);
    const std::lock_guard lock(mutex_);
    if (rows_.size() >= max_identities_counted && !rows_.contains(identity)) {
        ++uncounted_;
        return;
    }
    Row& row = rows_[identity];
    ++row.requests;
    row.last_code = error.code;
}

void Refusals::tick(Instant now) {
    if (now < next_) return;
    next_ = now + count_period;
    std::map<std::string, Row> rows;
    std::uint64_t uncounted = 0;
    {
        const std::lock_guard lock(mutex_);
        rows.swap(rows_);
        uncounted = std::exchange(uncounted_, 0);
    }
    for (const auto& [identity, row] : rows) {
        log_warning("rest: {} requests of {} were refused, the last one: {}", row.requests,
                    identity, row.last_code);
    }
    if (uncounted > 0) log_warning("rest: {} requests of others were refused", uncounted);
}

}  // namespace dayu::rest
