// GET and POST /v1/tokens, DELETE /v1/tokens/{token}: who may call. A token is shown once, to whoever
// created it; only its hash is kept. These answer after every thread that reads requests has heard of it.
#include <future>
#include <optional>
#include <utility>
#include <vector>

#include "base/sha256.h"
#include "rest/answer.h"
#include "rest/job_json.h"
#include "rest/resources.h"
#include "wire/json_fields.h"

namespace dayu::rest {
namespace {

using wire::Json;

constexpr std::size_t token_bytes = 32;
constexpr std::size_t id_digits = 12;  // of the hash: enough to name it by

struct TokenRequest {
    std::string name;
    control::Role role = control::Role::operator_;
    std::optional<Time> expires;
    std::vector<std::string> centers;

    static constexpr auto fields() {
        return field_list(Field{"name", &TokenRequest::name}, Field{"role", &TokenRequest::role},
                          Field{"expires", &TokenRequest::expires},
                          Field{"centers", &TokenRequest::centers});
    }
};

Json token_json(const std::string& hash, const control::TokenRow& row, Time last_used) {
    return Json::Object{{"id", hash.substr(0, id_digits)},
                        {"name", row.name},
                        {"role", to_string(row.role)},
                        {"centers", list_json(row.centers)},
                        {"created", time_json(row.created)},
                        {"by", row.by},
                        {"expires", time_json(row.expires.value_or(Time{}))},
                        {"last_used", time_json(last_used)}};
}

Result<runtime::Answer> commit_and_wait(Context& context, const Call& call,
                                        control::Command command) {
    std::promise<Result<runtime::Answer>> promise;
    context.loop.submit({.command = std::move(command), .actor = call.caller.actor, .bodies = {}},
                        [&](Result<runtime::Answer> done) { promise.set_value(std::move(done)); });
    const runtime::Answer done = TRY(promise.get_future().get());
    context.registry.refresh();
    return done;
}

}  // namespace

Result<http::Response> list_tokens(Context& context, const Call&) {
    const auto known = context.registry.known();
    Json::Array tokens;
    for (const auto& [hash, row] : known->tokens)
        tokens.push_back(token_json(hash, row, context.token_use.last(hash)));
    return answer(Json::Object{{"tokens", std::move(tokens)}});
}

Result<http::Response> create_token(Context& context, const Call& call) {
    TokenRequest wanted;
    const Json body = TRY(wire::parse_json(call.request.body));
    TRY(wire::from_json(body, wanted));
    if (body.find("role") == nullptr) {
        return invalid("role_missing",
                       "role: says what the token may do: operator, user, viewer or agent");
    }
    const std::string token = "dayu-" + to_hex(random_bytes(token_bytes));
    const std::string hash = to_hex(sha256(token));
    const runtime::Answer done = TRY(commit_and_wait(context, call,
                                                     control::IssueToken{.name = wanted.name,
                                                                         .role = wanted.role,
                                                                         .sha256 = hash,
                                                                         .expires = wanted.expires,
                                                                         .centers = wanted.centers,
                                                                         .is_name_new = true}));
    const auto known = context.registry.known();
    const auto made = known->tokens.find(hash);
    if (made == known->tokens.end())
        return conflict("token_revoked_already", "the token was revoked before it could be shown");
    Json json = token_json(hash, made->second, {});
    json["token"] = token;
    json["seq"] = done.seq.value;
    http::Response response = answer(json);
    response.status = 201;
    response.headers.push_back({"Cache-Control", "no-store"});
    return response;
}

Result<http::Response> revoke_token(Context& context, const Call& call) {
    const runtime::Answer done = TRY(
        commit_and_wait(context, call, control::RevokeToken{.token = call.request.param("token")}));
    return answer(Json::Object{{"seq", done.seq.value}});
}

}  // namespace dayu::rest
