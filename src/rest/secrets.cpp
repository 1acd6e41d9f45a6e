// GET /v1/secrets; GET, PUT and DELETE /v1/secrets/{name}: names go out, values only come in. They are those of the
// caller's project, or of the one that the query names.
#include <future>
#include <utility>

#include "rest/answer.h"
#include "rest/entity_tag.h"
#include "rest/job_json.h"
#include "rest/resources.h"
#include "runtime/secret_vault.h"

namespace dayu::rest {
namespace {

using wire::Json;

Result<void> check_value(std::string_view value) {
    if (!value.empty() && value.size() <= runtime::max_secret_bytes &&
        value.find('\0') == std::string_view::npos) {
        return {};
    }
    return invalid("value_out_of_range",
                   "value: a secret has 1 to " + std::to_string(runtime::max_secret_bytes) +
                       " bytes without NUL, this has " + std::to_string(value.size()) +
                       "; put larger ones into a store of their own, and its key here");
}

Json secret_json(const std::string& name, const control::SecretRow& row) {
    return Json::Object{{"name", name},
                        {"variable", secret_variable(name)},
                        {"set", time_json(row.set)},
                        {"by", row.by}};
}

// That it is still, or still not, as the caller knows it.
Result<runtime::Precondition> precondition_of(const Call& call) {
    return precondition(
        call.request,
        [scope = call.caller.actor.scope, name = call.request.param("name")](
            const control::State& state) { return version_of_secret(state, scope, name); });
}

}  // namespace

Result<http::Response> list_secrets(Context& context, const Call& asked) {
    const Call call = TRY(in_project_asked(asked));
    Json::Array secrets;
    const Scope& scope = call.caller.actor.scope;
    context.loop.read_and_wait([&](const runtime::Core& core) {
        const auto& rows = core.state().secrets.rows();
        for (auto at = rows.lower_bound({.scope = scope, .name = {}});
             at != rows.end() && at->first.scope == scope; ++at) {
            const auto& [key, row] = *at;
            secrets.push_back(secret_json(key.name, row));
        }
    });
    return answer(Json::Object{{"secrets", std::move(secrets)}});
}

Result<http::Response> describe_secret(Context& context, const Call& asked) {
    const Call call = TRY(in_project_asked(asked));
    const std::string& name = call.request.param("name");
    const Scope& scope = call.caller.actor.scope;
    Json json;
    Version version;
    context.loop.read_and_wait([&](const runtime::Core& core) {
        const auto* row = core.state().secrets.find({.scope = scope, .name = name});
        if (row == nullptr) return;
        json = secret_json(name, *row);
        version = version_of_secret(core.state(), scope, name);
    });
    if (json.is_null()) {
        return not_found("secret_unknown",
                         "the project has no secret \"" + name + "\"; GET /v1/secrets lists them");
    }
    return tagged(call.request, answer(json), version);
}

Result<http::Response> set_secret(Context& context, const Call& asked) {
    const Call call = TRY(in_project_asked(asked));
    const runtime::SecretVault* vault = context.loop.secrets();
    if (vault == nullptr)
        return unavailable("secrets_not_kept", "this server keeps no secrets: it has no folder");
    const std::string& name = call.request.param("name");
    TRY(check_secret_name("name", name));
    TRY(check_value(call.request.body));
    runtime::Precondition only_if = TRY(precondition_of(call));
    const Scope& scope = call.caller.actor.scope;
    runtime::Request request{
        .command = control::SetSecret{.name = name,
                                      .sealed = TRY(vault->seal(scope, name, call.request.body))},
        .actor = call.caller.actor,
        .bodies = {},
        .only_if = std::move(only_if)};
    std::promise<Result<runtime::Answer>> promise;
    context.loop.submit(std::move(request),
                        [&](Result<runtime::Answer> done) { promise.set_value(std::move(done)); });
    const runtime::Answer done = TRY(promise.get_future().get());
    return answer(Json::Object{{"seq", done.seq.value}});
}

void remove_secret(const ContextPtr& context, Call asked, const http::Responder& responder) {
    const auto call = in_project_asked(asked);
    if (!call) return refuse_call(*context, asked.caller, responder, call.error());
    auto only_if = precondition_of(*call);
    if (!only_if) return refuse_call(*context, call->caller, responder, only_if.error());
    commit(context, call->caller, control::RemoveSecret{.name = call->request.param("name")},
           responder, std::move(*only_if));
}

}  // namespace dayu::rest
