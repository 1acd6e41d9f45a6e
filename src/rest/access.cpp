#include "rest/access.h"

#include <utility>

#include "base/log.h"
#include "base/sha256.h"
#include "rest/answer.h"

namespace dayu::rest {
namespace {

constexpr Duration count_period = seconds(60);

}  // namespace

Result<Caller> identify(const Known& known, const http::Request& request, Time now) {
    const auto token = http::bearer_token(request);
    if (!token) {
        return denied(
            "token_missing",
            "this needs a token, as \"Authorization: Bearer TOKEN\"; `dayu server` prints "
            "where it keeps the first one");
    }
    std::string hash = to_hex(sha256(*token));
    const auto found = known.tokens.find(hash);
    if (found == known.tokens.end()) {
        return denied("token_unknown",
                      "this server knows no such token: it was never issued here, or was revoked; "
                      "--token, DAYU_TOKEN or the token file of --data gives it");
    }
    const control::TokenRow& row = found->second;
    if (row.is_over(now)) {
        return denied("token_expired", "the token \"" + row.name + "\" was good until " +
                                           to_string(*row.expires) +
                                           "; an operator can create another one");
    }
    const bool agent = row.role == control::Role::agent;
    return Caller{.actor = {.name = (agent ? "agent:" : "token:") + row.name, .scope = {}},
                  .role = row.role,
                  .token = std::move(hash),
                  .centers = row.centers};
}

Error role_forbidden(control::Role role, Needs needs) {
    if (role == control::Role::agent) {
        return denied("role_forbidden", "an agent's token opens what lies below /v1/agent/ alone");
    }
    if (needs == Needs::agent) {
        return denied("role_forbidden", "what lies below /v1/agent/ takes the token of an agent");
    }
    return denied("role_forbidden",
                  role == control::Role::viewer
                      ? "a token of the role viewer reads, and changes nothing"
                      : "this takes a token of the role operator; this one is of the role " +
                            std::string(to_string(role)));
}

void TokenUse::note(const std::string& token, Time now) {
    const std::lock_guard lock(mutex_);
    last_[token] = now;
}

Time TokenUse::last(const std::string& token) const {
    const std::lock_guard lock(mutex_);
    const auto found = last_.find(token);
    return found == last_.end() ? Time{} : found->second;
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
